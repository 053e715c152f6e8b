import browser from 'webextension-polyfill'

/** Shows the welcome page once, after the extension was installed. */
export function openWelcomeOnInstall(): void {
  browser.runtime.onInstalled.addListener(({ reason, temporary }) => {
    // Developers and tests load the extension temporarily, again and again.
    if (reason === 'install' && !temporary)
      void browser.tabs.create({ url: browser.runtime.getURL('welcome.html') })
  })
}
