/**
 * How fast history is stored and read, in a real Chromium with its database on disk: `npm run bench:history`. Simulated
 * databases say nothing of that. Ends with 1 where a bar is missed.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { build } from 'vite'
import { findBrowser } from '../../scripts/stage/browsers.ts'
import { closeServer, listenOnLoopback } from '../../scripts/stage/loopback.ts'
import type { HistoryFigures } from './history-page.ts'

/** Reading a page may take this many times what a plain table takes. */
const MAX_PAGE_RATIO = 3
/** Messages a second. */
const MIN_APPENDED = 200

const figures = await measure(await bundle())
const pageRatio = figures.pageMs / figures.plainPageMs
const appendRatio = figures.plainAppended / figures.appended
const rows = [
  {
    what: 'last 100 of 1,000 messages, sealed : plain',
    bar: `<= ${MAX_PAGE_RATIO}`,
    figure: `${pageRatio.toFixed(2)} (${figures.pageMs.toFixed(1)} ms : ${figures.plainPageMs.toFixed(1)} ms)`,
    isMet: pageRatio <= MAX_PAGE_RATIO,
  },
  {
    what: 'messages appended per second, 50 at a time',
    bar: `>= ${MIN_APPENDED}`,
    figure: `${figures.appended.toFixed(0)} (plain bulkPut ${figures.plainAppended.toFixed(0)}, ${appendRatio.toFixed(2)} times as many)`,
    isMet: figures.appended >= MIN_APPENDED,
  },
]
for (const { what, bar, figure, isMet } of rows)
  console.log(`${what.padEnd(46)} ${bar.padEnd(8)} ${figure.padEnd(56)} ${isMet ? 'ok' : 'MISSED'}`)
if (rows.some(({ isMet }) => !isMet)) process.exitCode = 1

/** The page's script, with the code that ships in it. */
async function bundle(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'warn',
    build: {
      write: false,
      minify: true,
      lib: { entry: join(import.meta.dirname, 'history-page.ts'), formats: ['es'], fileName: 'page' },
    },
  })
  const [output] = Array.isArray(result) ? result : [result]
  const chunk = output && 'output' in output ? output.output[0] : undefined
  if (!chunk) throw new Error('nothing was built')
  return chunk.code
}

async function measure(script: string): Promise<HistoryFigures> {
  const executablePath = findBrowser('chromium')
  if (!executablePath) throw new Error('no Chromium found: `node scripts/install-browsers.ts` installs it')
  const server = createServer((request, response) => {
    const isScript = request.url === '/page.js'
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
    response.end(
      isScript ? script : '<!doctype html><title>bench</title><script type="module" src="/page.js"></script>',
    )
  })
  const port = await listenOnLoopback(server)
  const profile = await mkdtemp(join(tmpdir(), 'sidestream-bench-'))
  // A profile of its own: a context without one keeps its databases in memory.
  const context = await chromium.launchPersistentContext(profile, { executablePath, chromiumSandbox: false })
  try {
    const page = await context.newPage()
    await page.goto(`http://127.0.0.1:${port}/`, { waitUntil: 'load' })
    return await page.evaluate(() =>
      (globalThis as typeof globalThis & { measureHistory(): Promise<HistoryFigures> }).measureHistory(),
    )
  } finally {
    await context.close()
    await closeServer(server)
    await rm(profile, { recursive: true, force: true, maxRetries: 5 })
  }
}
