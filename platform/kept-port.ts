import browser, { type Runtime } from 'webextension-polyfill'

/** The host is asked for before the next try; a background that does not answer holds it up no longer than this (ms). */
const ENSURE_MS = 1_000
/** Between two tries at least (ms). */
const RETRY_MS = 100

interface Wiring {
  name: string
  /** Ends it. */
  signal: AbortSignal
  /** Resolves when the room host runs. While the background cannot start it may hang: a living host is found all the same. */
  ensureHost(): Promise<unknown>
  /** `drop` gives this port up and begins anew; a port that is closed from this side tells nobody here. */
  onOpen(port: Runtime.Port, drop: () => void): void
  onLost(): void
  /** No port can be opened any more: the extension was updated or removed and left this page behind. */
  onOrphaned(): void
}

/**
 * Keeps a port to the room host: connects at once, and again whenever the host died, was not there yet, or the
 * page was in the back/forward cache.
 */
export function keepPort({ name, signal, ensureHost, onOpen, onLost, onOrphaned }: Wiring): void {
  let port: Runtime.Port | undefined

  function connect(): void {
    if (signal.aborted || port) return
    const opened = open()
    if (!opened) return onOrphaned()
    port = opened
    opened.onDisconnect.addListener(() => void lost(opened))
    onOpen(opened, () => {
      opened.disconnect()
      void lost(opened)
    })
  }

  /** An orphan has lost its extension's id, or is refused outright. */
  function open(): Runtime.Port | undefined {
    try {
      return browser.runtime?.id === undefined ? undefined : browser.runtime.connect({ name })
    } catch {
      return undefined
    }
  }

  async function lost(closed: Runtime.Port): Promise<void> {
    if (port !== closed) return
    port = undefined
    onLost()
    const timeout = new Promise((resolve) => setTimeout(resolve, ENSURE_MS))
    const pause = new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    await Promise.all([Promise.race([ensureQuietly(), timeout]), pause])
    connect()
  }

  async function ensureQuietly(): Promise<void> {
    try {
      await ensureHost()
    } catch {
      // The next try to connect shows what is the matter.
    }
  }

  /** A page in the back/forward cache is no visit: whether its ports close there differs between browsers. */
  function pause({ persisted }: PageTransitionEvent): void {
    if (!persisted || !port) return
    port.disconnect()
    port = undefined
    onLost()
  }

  signal.addEventListener('abort', () => port?.disconnect())
  addEventListener('pagehide', pause, { signal })
  addEventListener('pageshow', connect, { signal })
  connect()
}
