import type { InjectionKey } from 'vue'

/** Opens the page with all settings; provided where it is not at hand. */
export const openSettingsKey: InjectionKey<() => void> = Symbol('open settings')
