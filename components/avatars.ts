import type { InjectionKey, Ref } from 'vue'

/** The hash of everybody's picture, by account, where a room is shown. */
export const avatarsKey: InjectionKey<Readonly<Ref<ReadonlyMap<string, string>>>> = Symbol('avatars')
