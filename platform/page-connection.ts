import browser, { type Runtime } from 'webextension-polyfill'
import type { PageReport } from '../protocol/host-port'
import { PAGE_PORT } from '../protocol/ports'

const RETRY_MS = 500

/** A content script's way to the room host: says where the page is, hears how the panel is laid out. */
export interface PageConnection {
  report(report: PageReport): void
}

/**
 * Connects, and again whenever the host dies or the page comes out of the back/forward cache. When the extension
 * itself is gone (updated, removed), `lifetime` ends.
 */
export function connectPage(
  lifetime: AbortController,
  onLayout: (collapsed: boolean) => void,
): PageConnection {
  const { signal } = lifetime
  let port: Runtime.Port | undefined
  let latest: PageReport | undefined

  const connect = () => {
    if (signal.aborted || port) return
    if (!isExtensionAlive()) return lifetime.abort()
    void browser.runtime.sendMessage({ to: 'background', call: 'ensureHost', args: [] }).catch(() => {})
    const opened = browser.runtime.connect({ name: PAGE_PORT })
    port = opened
    opened.onMessage.addListener((message: unknown) => {
      if (isLayout(message)) onLayout(message.collapsed)
    })
    opened.onDisconnect.addListener(() => {
      if (port !== opened) return
      port = undefined
      setTimeout(connect, RETRY_MS)
    })
    if (latest) opened.postMessage(latest)
  }

  signal.addEventListener('abort', () => port?.disconnect())
  window.addEventListener('pageshow', connect, { signal })
  connect()
  return {
    report: (report) => {
      latest = report
      port?.postMessage(report)
    },
  }
}

/** An orphan of an updated or removed extension has lost its id. */
const isExtensionAlive = () => browser.runtime?.id !== undefined

/** Written out because a schema library would double the content script. */
const isLayout = (message: unknown): message is { collapsed: boolean } =>
  typeof message === 'object' &&
  message !== null &&
  't' in message &&
  message.t === 'layout' &&
  'collapsed' in message &&
  typeof message.collapsed === 'boolean'
