import browser, { type Action } from 'webextension-polyfill'

/** Whether the viewer sees our button beside the address bar. `undefined` where the browser does not tell. */
export async function isOnToolbar(): Promise<boolean | undefined> {
  // Manifest V2 has it under the older name, and of late.
  const button: Partial<Pick<Action.Static, 'getUserSettings'>> = browser.action ?? browser.browserAction
  return (await button.getUserSettings?.().catch(() => undefined))?.isOnToolbar
}
