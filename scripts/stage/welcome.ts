import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { BrowserContext } from 'playwright-core'
import { until } from './until.ts'

/** Milliseconds for the welcome tab to open. */
const patience = 5_000

/**
 * Waits for the tab that the extension opens when it is installed, and closes it: it would take the focus from another tab in the
 * middle of a click there. Firefox needs none of this, for a temporary installation shows no welcome.
 */
export async function dismissWelcome(context: BrowserContext, extensionDir: string): Promise<void> {
  if (!existsSync(join(extensionDir, 'welcome.html'))) return
  const find = () =>
    context.pages().find((page) => /^chrome-extension:\/\/[^/]+\/welcome\.html/.test(page.url()))
  const tab = await until(find, { what: 'the welcome page', timeout: patience }).catch(() => undefined)
  // Closed while it fetches its texts, it leaves the extension's whole process without any: Chromium keeps the empty answer.
  await tab?.waitForFunction(() => document.querySelector('h1')?.textContent)
  await tab?.close()
}
