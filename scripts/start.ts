/**
 * `npm start`: Sidestream on its feet on this machine. The Worker on workerd, the extension built for it, and then
 *   - with a display: a browser with the extension, on Twitch (or, without internet, on a Twitch-shaped page at Twitch's origin);
 *   - without one: two headless viewers who talk on that page, and a picture of it.
 *
 * `npm start -- --help` lists the options.
 */
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { findBrowser, hasDisplay } from './stage/browsers.ts'
import { buildExtension } from './stage/build.ts'
import { adviceFor, installBrowsers } from './stage/install.ts'
import { root, sidestreamDir } from './stage/paths.ts'
import { step } from './stage/progress.ts'
import { showHeadless, showWindow } from './stage/show.ts'
import { findTurnServer, startTurnServer } from './stage/turn.ts'
import { startTwitchId } from './stage/twitch-id.ts'
import { PortTaken, startWorker } from './stage/worker.ts'

const HELP = `npm start -- [options]

  --headless     two headless viewers talk, as if there were no display
  --worker-only  only the Worker: for \`npm run dev\`, or a browser of your own
  --keep         leave the Worker up when the headless viewers are done
  --port N       the Worker's port, 8787 unless told
`

const { values: flags } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    'worker-only': { type: 'boolean', default: false },
    headless: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    port: { type: 'string', default: '8787' },
  },
})

/** Undone in reverse order, whatever ends us. */
const undo: (() => Promise<unknown>)[] = []
let ending = false

async function end(code: number): Promise<never> {
  if (!ending) {
    ending = true
    for (const stop of undo.reverse()) await stop().catch(() => {})
    process.exit(code)
  }
  return new Promise(() => {})
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end(0))

const here = (path: string) => relative(root, path) || '.'

async function main(): Promise<void> {
  const port = Number(flags.port)
  // Without one, links go through the Worker.
  const turn = findTurnServer() ? await step('coturn as relay', () => startTurnServer()) : undefined
  if (turn) undo.push(() => turn.stop())
  // Who has an application at Twitch deploys; here accounts are linked to a stand-in.
  const twitch = await startTwitchId({ redirectUris: [`http://127.0.0.1:${port}/twitch/callback`] })
  undo.push(() => twitch.stop())
  const worker = await step(`Worker on workerd at http://127.0.0.1:${port}`, () =>
    startWorker({
      port,
      stateDir: join(sidestreamDir, 'worker'),
      outboxDir: join(sidestreamDir, 'outbox'),
      ...(turn && { turn }),
      twitch,
      onMail: ({ to }, file) => console.log(`  mail for ${to}: ${here(file)}`),
    }),
  )
  undo.push(() => worker.stop())
  const extensionDir = await step('Extension built for Chrome', () =>
    // Apart from `npm run build`, which may run meanwhile and is meant for another Worker.
    buildExtension({
      browser: 'chrome',
      workerOrigin: worker.origin,
      outDir: join(sidestreamDir, 'extension'),
    }),
  )
  console.log(`
  Worker     ${worker.origin}
  Mails      ${here(worker.outbox.dir)}/ (sign-in codes land there, nothing is sent)
  Extension  ${here(extensionDir)}/ (chrome://extensions → Load unpacked)
  Firefox    npm run build:firefox, then about:debugging → Load Temporary Add-on
`)
  if (flags['worker-only']) return wait()
  if (!findBrowser('chromium') && (await installBrowsers(['chromium'])).length > 0) {
    console.log(`${adviceFor('chromium')}\nUntil then, load the extension above into a browser of yours.`)
    return wait()
  }
  const stage = { worker, extensionDir, undo }
  if (hasDisplay() && !flags.headless) {
    await showWindow(stage)
    return
  }
  await showHeadless(stage)
  if (flags.keep || process.stdin.isTTY) return wait()
}

/** Keeps the Worker up until Ctrl-C. */
function wait(): Promise<never> {
  console.log('The Worker stays up. Ctrl-C ends it.')
  setInterval(() => {}, 1 << 30)
  return new Promise(() => {})
}

if (flags.help) {
  console.log(HELP)
  process.exit()
}
main().then(
  () => end(0),
  (error: unknown) => {
    if (error instanceof PortTaken) {
      console.error(`${error.message}. Choose another: npm start -- --port 8788`)
    } else if (!ending) {
      console.error(error)
    }
    return end(1)
  },
)
