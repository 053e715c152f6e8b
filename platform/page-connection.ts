import browser, { type Runtime } from 'webextension-polyfill'
import type { PageReport } from '../protocol/host-port'
import { PAGE_PORT } from '../protocol/ports'
import { keepPort, type MakeRetry } from './kept-port'

/** A content script's way to the room host: says where the page is, hears how the panel is laid out. */
export interface PageConnection {
  report(report: PageReport): void
}

/** Connects and stays connected. When the extension itself is gone (updated, removed), `lifetime` ends. */
export function connectPage(
  lifetime: AbortController,
  retry: MakeRetry,
  onLayout: (collapsed: boolean) => void,
): PageConnection {
  let port: Runtime.Port | undefined
  let latest: PageReport | undefined

  keepPort({
    name: PAGE_PORT,
    signal: lifetime.signal,
    retry,
    ensureHost: () => browser.runtime.sendMessage({ to: 'background', call: 'ensureHost', args: [] }),
    onOpen: (opened) => {
      port = opened
      opened.onMessage.addListener((message: unknown) => {
        if (isLayout(message)) onLayout(message.collapsed)
      })
      if (latest) opened.postMessage(latest)
    },
    onLost: () => {
      port = undefined
    },
    onOrphaned: () => lifetime.abort(),
  })
  return {
    report: (report) => {
      latest = report
      port?.postMessage(report)
    },
  }
}

/** Written out because a schema library would double the content script. */
const isLayout = (message: unknown): message is { collapsed: boolean } =>
  typeof message === 'object' &&
  message !== null &&
  't' in message &&
  message.t === 'layout' &&
  'collapsed' in message &&
  typeof message.collapsed === 'boolean'
