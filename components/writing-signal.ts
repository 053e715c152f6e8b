import { onBeforeUnmount } from 'vue'

/** Said again at most this often (ms); the host decides when it ends. */
const REPEAT_MS = 1_000

/** Tells that the viewer changes a text, and once when nothing is left of it. */
export function useWritingSignal(tell: (writing: boolean) => void) {
  let toldAt: number | null = null

  function changed(text: string): void {
    if (text.trim() === '') return stop()
    const now = performance.now()
    if (toldAt !== null && now - toldAt < REPEAT_MS) return
    toldAt = now
    tell(true)
  }

  function stop(): void {
    if (toldAt === null) return
    toldAt = null
    tell(false)
  }

  onBeforeUnmount(stop)
  return { changed, stop }
}
