import { createBirpc } from 'birpc'
import browser, { type Runtime } from 'webextension-polyfill'
import {
  type HostFunctions,
  type PageLayout,
  type PageReport,
  type PanelFunctions,
  pageReportSchema,
  type SizeReport,
  sizeReportSchema,
} from '../protocol/host-port'
import { PAGE_PORT, PANEL_PORT } from '../protocol/ports'
import { checkedCalls } from './checked-calls'
import { isOwnPage, isTwitchPage } from './extension-sender'

/** What the room host offers to those who connect; `RoomHost` does. */
interface Host {
  openPage(
    tab: number,
    layout: (layout: PageLayout) => void,
  ): { report(report: PageReport): void; resize(report: SizeReport): void; close(): void }
  openPanel(tab: number, panel: PanelFunctions): HostFunctions & { close(): void }
}

/** Takes connections of pages and panels. The browser names the tab; nobody can claim another's. */
export function serveHostPorts(host: Host): void {
  browser.runtime.onConnect.addListener((port) => {
    const tab = port.sender?.tab?.id
    if (tab === undefined) return
    if (port.name === PAGE_PORT && isTwitchPage(port.sender)) servePage(host, tab, port)
    else if (port.name === PANEL_PORT && isOwnPage(port.sender)) servePanel(host, tab, port)
    else port.disconnect()
  })
}

function servePage(host: Host, tab: number, port: Runtime.Port): void {
  const page = host.openPage(tab, (layout) => port.postMessage(layout))
  port.onMessage.addListener((message: unknown) => {
    const report = pageReportSchema.safeParse(message)
    if (report.success) return page.report(report.data)
    const size = sizeReportSchema.safeParse(message)
    if (size.success) page.resize(size.data)
  })
  port.onDisconnect.addListener(() => page.close())
}

function servePanel(host: Host, tab: number, port: Runtime.Port): void {
  const offered = host.openPanel(tab, {
    delta: (delta) => void panel.delta.asEvent(delta),
    emotesChanged: () => void panel.emotesChanged.asEvent(),
    focusComposer: () => void panel.focusComposer.asEvent(),
  })
  const panel = createBirpc<PanelFunctions, HostFunctions>(checkedCalls(offered), {
    post: (data) => port.postMessage(data),
    on: (listener) => port.onMessage.addListener(listener),
  })
  port.onDisconnect.addListener(() => {
    offered.close()
    panel.$close()
  })
}
