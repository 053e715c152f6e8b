import { defineStore } from 'pinia'
import { shallowRef } from 'vue'

/** A key combination of the extension, as the browser writes it; `keys` is empty where there is none. */
export interface Shortcut {
  readonly name: string
  readonly keys: string
}

/** Where the browser's own shortcuts of the extension are. */
export interface ShortcutSource {
  list(): Promise<Shortcut[]>
  /** Opens the browser's own settings for them; missing where that is not possible. */
  change?: (() => void) | undefined
}

/** The keys that work wherever the browser is. */
export const useShortcutsStore = defineStore('shortcuts', () => {
  const shortcuts = shallowRef<readonly Shortcut[]>([])
  const source = shallowRef<ShortcutSource | null>(null)

  function attach(to: ShortcutSource): void {
    source.value = to
  }

  async function load(): Promise<void> {
    shortcuts.value = (await source.value?.list().catch(() => [])) ?? []
  }

  return { shortcuts, source, attach, load }
})
