import browser from 'webextension-polyfill'

/** Whether this page is the extension's popup, which closes as soon as anything else has the focus, and no tab. */
export const isPopup = async (): Promise<boolean> => (await browser.tabs.getCurrent()) === undefined

/** Opens a page of the extension in a tab. */
export async function openOwnTab(
  path: '/popup.html' | '/popup.html#picture' | '/popup.html#twitch',
): Promise<void> {
  await browser.tabs.create({ url: browser.runtime.getURL(path) })
}
