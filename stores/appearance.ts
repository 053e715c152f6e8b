import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { type Appearance, type AppearanceSource, DEFAULT_APPEARANCE } from '../protocol/appearance'

/** How Sidestream looks: what the viewer chose, on every page alike. */
export const useAppearanceStore = defineStore('appearance', () => {
  const chosen = shallowRef<Readonly<Appearance>>(DEFAULT_APPEARANCE)
  /** The last choice holds on this page only: it could not be saved. */
  const failed = ref(false)

  let source: AppearanceSource | null = null
  /** Choices being saved: what is heard meanwhile may be older than they are. */
  let saving = 0
  /** Answers count only if nothing newer was asked, chosen or heard. */
  let newest = 0

  /** Starts to follow the settings; resolves with what ends it, once they are known. Never rejects. */
  async function attach(to: AppearanceSource): Promise<() => void> {
    source = to
    const stop = to.onChanged((appearance) => {
      if (saving > 0) return
      newest += 1
      chosen.value = appearance
    })
    await reload()
    return () => {
      stop()
      source = null
    }
  }

  async function reload(): Promise<void> {
    newest += 1
    const turn = newest
    const loaded = await source?.load().catch(() => undefined)
    if (loaded && turn === newest) chosen.value = loaded
  }

  /** Shown at once, and saved for every page. Resolves with whether it is kept; if not, `failed`. */
  async function choose(part: Partial<Appearance>): Promise<boolean> {
    if (!source) return false
    newest += 1
    saving += 1
    failed.value = false
    chosen.value = { ...chosen.value, ...part }
    const kept = await source.save(chosen.value).then(
      () => true,
      () => false,
    )
    saving -= 1
    if (saving > 0) return kept
    failed.value = !kept
    if (kept) await reload()
    return kept
  }

  return {
    theme: computed(() => chosen.value.theme),
    textSize: computed(() => chosen.value.textSize),
    clock: computed(() => chosen.value.clock),
    failed,
    attach,
    choose,
  }
})
