import type { BrowserContext } from 'playwright-core'

/** The process id of the browser; its renderers end with it. */
export async function browserPid(context: BrowserContext): Promise<number> {
  const devtools = await context.browser()?.newBrowserCDPSession()
  const { processInfo } = (await devtools?.send('SystemInfo.getProcessInfo')) ?? { processInfo: [] }
  await devtools?.detach()
  const browser = processInfo.find(({ type }) => type === 'browser')
  if (!browser) throw new Error('Chromium does not tell its process id')
  return browser.id
}
