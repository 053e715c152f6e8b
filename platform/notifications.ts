import browser, { type Permissions } from 'webextension-polyfill'
import type { CallNote } from '../protocol/control'

const permissions: Permissions.Permissions = { permissions: ['notifications'] }
/** Before the tab in a notification's id. */
const PREFIX = 'call '

/** The browser's permission to show notifications, which the viewer gives when they turn them on. */
export const notificationPermission = {
  isGranted: (): Promise<boolean> => browser.permissions.contains(permissions),
  request: (): Promise<boolean> => browser.permissions.request(permissions),
}

/** Shows how many calls were not seen, and one of them. Without the permission the icon alone does. */
export function showCalls(count: number, note: CallNote | null): void {
  const button = browser.action ?? browser.browserAction
  void button.setBadgeText({ text: count > 0 ? String(count) : '' })
  void button.setBadgeBackgroundColor({ color: '#6a48f2' })
  // There only where it is permitted.
  if (!note || !browser.notifications) return
  listen()
  const { tab, title, text = '' } = note
  const iconUrl = browser.runtime.getURL('icon/128.png')
  void browser.notifications.create(PREFIX + tab, { type: 'basic', iconUrl, title, message: text })
}

let isListening = false

/** A click on a notification shows the tab that it is about. Called when the background starts: a click may start it. */
export function listen(): void {
  if (isListening || !browser.notifications) return
  isListening = true
  browser.notifications.onClicked.addListener(async (id) => {
    if (!id.startsWith(PREFIX)) return
    void browser.notifications.clear(id)
    const { windowId } = await browser.tabs.update(Number(id.slice(PREFIX.length)), { active: true })
    if (windowId !== undefined) await browser.windows.update(windowId, { focused: true })
  })
}
