import browser from 'webextension-polyfill'

/** The extension's shortcuts, which browsers keep themselves. */
export const browserShortcuts = {
  async list(): Promise<{ name: string; keys: string }[]> {
    const commands = await browser.commands.getAll()
    return commands.flatMap(({ name, shortcut }) =>
      name === undefined || name.startsWith('_') ? [] : { name, keys: shortcut ?? '' },
    )
  },
  change: opener(),
}

/** Firefox opens its page of shortcuts for us, of late; Chromium lets us open its own. */
function opener(): (() => void) | undefined {
  if (!import.meta.env.FIREFOX)
    return () => void browser.tabs.create({ url: 'chrome://extensions/shortcuts' }).catch(() => {})
  const commands: object = browser.commands
  if (!('openShortcutSettings' in commands) || typeof commands.openShortcutSettings !== 'function')
    return undefined
  const open = commands.openShortcutSettings.bind(commands)
  return () => void open()
}
