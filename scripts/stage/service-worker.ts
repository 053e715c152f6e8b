import type { BrowserContext } from 'playwright-core'
import { until } from './until.ts'

/** A service worker that is kept from running. */
export interface Hold {
  /** How often something tried to start it since. */
  readonly starts: number
  /** Lets it run again, when next something needs it. */
  release(): Promise<void>
}

/**
 * Stops an extension's service worker, as Chromium does when it has been idle, and again whenever something starts it.
 *
 * DevTools has no way to forbid a start outright, so look at `starts` as well: while it is 0 the worker has not run at all.
 */
export async function holdServiceWorker(context: BrowserContext, extensionId: string): Promise<Hold> {
  // Any page will do for a way to DevTools; one of its own disturbs nobody.
  const page = await context.newPage()
  const devtools = await context.newCDPSession(page)
  const status = new Map<string, string>()
  let held = false
  let starts = 0
  devtools.on('ServiceWorker.workerVersionUpdated', ({ versions }) => {
    for (const { versionId, scriptURL, runningStatus } of versions) {
      if (!scriptURL.startsWith(`chrome-extension://${extensionId}/`)) continue
      if (held && runningStatus === 'starting' && status.get(versionId) !== 'starting') starts += 1
      status.set(versionId, runningStatus)
      if (held && runningStatus !== 'stopped')
        void devtools.send('ServiceWorker.stopAllWorkers').catch(() => {})
    }
  })
  await devtools.send('ServiceWorker.enable')
  await until(() => status.size > 0, { what: "word of the extension's service worker" })
  await devtools.send('ServiceWorker.stopAllWorkers')
  await until(() => [...status.values()].every((now) => now === 'stopped'), {
    what: 'the service worker to stop',
  })
  held = true
  return {
    get starts() {
      return starts
    },
    async release() {
      held = false
      await page.close()
    },
  }
}
