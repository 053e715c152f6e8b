import { ref, shallowRef } from 'vue'
import type { SettingsSource } from '../protocol/kept-settings'

/** Settings as a page shows them: chosen at once, kept for every page, and followed when another page chooses. */
export function createKeptSettings<Settings extends object>(initial: Readonly<Settings>) {
  const chosen = shallowRef<Readonly<Settings>>(initial)
  /** The last choice holds on this page only: it could not be saved. */
  const failed = ref(false)

  let source: SettingsSource<Settings> | null = null
  /** Choices being saved: what is heard meanwhile may be older than they are. */
  let saving = 0
  /** Answers count only if nothing newer was asked, chosen or heard. */
  let newest = 0

  /** Starts to follow the settings; resolves with what ends it, once they are known. Never rejects. */
  async function attach(to: SettingsSource<Settings>): Promise<() => void> {
    source = to
    const stop = to.onChanged((settings) => {
      if (saving > 0) return
      newest += 1
      chosen.value = settings
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
  async function choose(part: Partial<Settings>): Promise<boolean> {
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

  return { chosen, failed, attach, choose }
}
