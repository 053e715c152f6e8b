import browser, { type Runtime } from 'webextension-polyfill'
import type { Retry } from '../services/reconnection/retry'

/** The host is asked for before the next try; a background that does not answer holds it up no longer than this (ms). */
const ENSURE_MS = 1_000
/** The pause before the first try again, at most (ms): a host that died is back that soon. */
const FIRST_PAUSE_MS = 100
/** A port that lived longer than this (ms) was a good one. */
const SETTLED_MS = 5_000

/** Paces tries to connect: the services' `Retry`. */
export type MakeRetry = (
  task: () => void,
  firstMs: number,
) => Pick<Retry, 'failed' | 'succeeded' | 'hurry' | 'cancel'>

interface Wiring {
  name: string
  /** Ends it. */
  signal: AbortSignal
  retry: MakeRetry
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
 * page was in the back/forward cache. While there is none it tries ever more slowly, but at once when the page
 * comes into sight.
 */
export function keepPort({ name, signal, retry, ensureHost, onOpen, onLost, onOrphaned }: Wiring): void {
  let port: Runtime.Port | undefined
  let openedAt = 0
  let ensured: Promise<unknown> = Promise.resolve()
  const tries = retry(() => void ensured.then(connect), FIRST_PAUSE_MS)

  function connect(): void {
    if (signal.aborted || port) return
    const opened = open()
    if (!opened) return onOrphaned()
    port = opened
    openedAt = performance.now()
    opened.onDisconnect.addListener(() => lost(opened))
    onOpen(opened, () => {
      opened.disconnect()
      lost(opened)
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

  function lost(closed: Runtime.Port): void {
    if (port !== closed) return
    port = undefined
    onLost()
    if (signal.aborted) return
    if (performance.now() - openedAt > SETTLED_MS) tries.succeeded()
    const timeout = new Promise((resolve) => setTimeout(resolve, ENSURE_MS))
    ensured = Promise.race([ensureQuietly(), timeout])
    tries.failed()
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

  function hurry(): void {
    if (!port && document.visibilityState === 'visible') tries.hurry()
  }

  signal.addEventListener('abort', () => {
    tries.cancel()
    port?.disconnect()
  })
  addEventListener('pagehide', pause, { signal })
  addEventListener('pageshow', connect, { signal })
  document.addEventListener('visibilitychange', hurry, { signal })
  connect()
}
