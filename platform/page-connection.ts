import browser, { type Runtime } from 'webextension-polyfill'
import type { PageLayout, PageReport, SizeReport } from '../protocol/host-port'
import { PAGE_PORT } from '../protocol/ports'
import { keepPort, type MakeRetry } from './kept-port'

/** A content script's way to the room host: says where the page is, hears how the panel is laid out. */
export interface PageConnection {
  report(report: PageReport): void
  /** The viewer chose a size. Without a host it is lost. */
  resize(report: SizeReport): void
}

interface Wiring {
  /** Ends it. */
  signal: AbortSignal
  retry: MakeRetry
  onLayout(layout: Pick<PageLayout, 'collapsed' | 'sizes'>): void
  /** The extension itself is gone (updated, removed) and left this page behind. */
  onOrphaned(): void
}

/** Connects and stays connected. */
export function connectPage({ signal, retry, onLayout, onOrphaned }: Wiring): PageConnection {
  let port: Runtime.Port | undefined
  let latest: PageReport | undefined

  keepPort({
    name: PAGE_PORT,
    signal,
    retry,
    ensureHost: () => browser.runtime.sendMessage({ to: 'background', call: 'ensureHost', args: [] }),
    onOpen: (opened) => {
      port = opened
      opened.onMessage.addListener((message: unknown) => {
        if (isLayout(message)) onLayout(message)
      })
      if (latest) opened.postMessage(latest)
    },
    onLost: () => {
      port = undefined
    },
    onOrphaned,
  })
  return {
    report: (report) => {
      latest = report
      port?.postMessage(report)
    },
    resize: (report) => port?.postMessage(report),
  }
}

/** Written out because a schema library would double the content script. */
const isLayout = (message: unknown): message is PageLayout =>
  isObject(message) &&
  message.t === 'layout' &&
  typeof message.collapsed === 'boolean' &&
  isObject(message.sizes) &&
  Object.values(message.sizes).every((size) => typeof size === 'number')

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null
