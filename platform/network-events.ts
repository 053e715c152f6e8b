/** One change of network is reported in several pieces: what follows within this time (ms) is the same one. */
const SETTLE_MS = 500

interface Listeners {
  onOnline(): void
  onOffline(): void
  /** Another network, or the same one with other properties; where the browser tells (Chromium). */
  onChange(): void
}

/** What the browser believes: `false` is right more often than `true`. */
export const isOnline = (): boolean => navigator.onLine

/** Follows what the browser knows of the network, until the returned function is called. */
export function watchNetwork({ onOnline, onOffline, onChange }: Listeners): () => void {
  const lifetime = new AbortController()
  const { signal } = lifetime
  let timer: ReturnType<typeof setTimeout> | undefined
  const changed = () => {
    clearTimeout(timer)
    timer = setTimeout(onChange, SETTLE_MS)
  }
  addEventListener('online', onOnline, { signal })
  addEventListener('offline', onOffline, { signal })
  networkInformation()?.addEventListener('change', changed, { signal })
  signal.addEventListener('abort', () => clearTimeout(timer))
  return () => lifetime.abort()
}

/** The Network Information API, which Firefox does not have. */
function networkInformation(): EventTarget | undefined {
  const connection = 'connection' in navigator ? navigator.connection : undefined
  return connection instanceof EventTarget ? connection : undefined
}
