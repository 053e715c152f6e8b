import browser, { type Runtime } from 'webextension-polyfill'

/**
 * Whether a sender is one of our own pages: never a content script, whose process a hostile page may share.
 * The host part of the URL says nothing (`use_dynamic_url` draws it anew); our id and the scheme do.
 */
export function isOwnPage(sender: Runtime.MessageSender | undefined): boolean {
  const protocol = sender?.url === undefined ? undefined : URL.parse(sender.url)?.protocol
  const isExtensionPage = protocol === 'chrome-extension:' || protocol === 'moz-extension:'
  return sender?.id === browser.runtime.id && isExtensionPage
}

/** Whether a sender is our content script in the top frame of a Twitch tab. */
export function isTwitchPage(sender: Runtime.MessageSender | undefined): boolean {
  if (sender?.id !== browser.runtime.id || sender.url === undefined || sender.frameId !== 0) return false
  return URL.parse(sender.url)?.origin === 'https://www.twitch.tv'
}
