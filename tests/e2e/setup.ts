import { readdir, rm } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { isAlive } from '../../scripts/stage/alive.ts'
import { buildExtension } from '../../scripts/stage/build.ts'
import { removeStaleNetworks } from '../../scripts/stage/network.ts'
import { sidestreamDir } from '../../scripts/stage/paths.ts'
import { freePort } from '../../scripts/stage/port.ts'
import { findTurnServer, startTurnServer } from '../../scripts/stage/turn.ts'
import { startTwitch } from '../../scripts/stage/twitch.ts'
import { startTwitchId } from '../../scripts/stage/twitch-id.ts'
import { startWorker } from '../../scripts/stage/worker.ts'

declare module 'vitest' {
  interface ProvidedContext {
    workerOrigin: string
    twitchPort: number
    /** Where Twitch would ask who somebody is. */
    twitchIssuer: string
    /** The extension for Chromium, built for this run's Worker. */
    chromeDir: string
    firefoxDir: string
    /** What belongs to this run alone; removed at its end. */
    runDir: string
    /** Where Workers of scenarios' own listen, one at a time. */
    ownPort: number
    outboxDir: string
    /** The relay of this run; `null` where coturn is missing. Links go through the Worker then. */
    turn: { urls: readonly string[]; secret: string; host: string; port: number } | null
  }
}

const runs = join(sidestreamDir, 'e2e')

/** Removes what killed runs have left. */
async function tidyUp(): Promise<void> {
  removeStaleNetworks()
  for (const run of await readdir(runs).catch(() => [])) {
    if (!isAlive(Number(run))) await rm(join(runs, run), { recursive: true, force: true })
  }
}

/** A TURN server where networks of a browser's own see it, too, which have a 127.0.0.1 of theirs. */
async function startRelay() {
  if (!findTurnServer()) {
    console.log('e2e: no coturn here, so nothing is relayed: scenarios that need it fail')
    return undefined
  }
  const all = Object.values(networkInterfaces()).flat()
  const address = all.find((one) => one?.family === 'IPv4' && !one.internal)?.address ?? '127.0.0.1'
  const { urls, secret, stop } = await startTurnServer({ address })
  const port = Number(/:(\d+)\?/.exec(urls[0] ?? '')?.[1])
  return { turn: { urls, secret, host: address, port }, stop }
}

/** Starts once for all scenarios: a Worker without accounts, a relay, the Twitch-shaped site and sign-in, and the extension built for both. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // Its own directory: another run at the same time must not find its extension gone.
  const dir = join(runs, String(process.pid))
  await tidyUp()
  const port = await freePort()
  const ownPort = await freePort()
  const workerOrigin = `http://127.0.0.1:${port}`
  const outDir = join(dir, 'extension')

  console.log('e2e: starting the Worker and building the extension for Chromium and Firefox')
  const begun = performance.now()
  const twitch = await startTwitch()
  const callback = (port: number) => `http://127.0.0.1:${port}/twitch/callback`
  // Also where somebody between viewers and the Worker listens.
  const twitchId = await startTwitchId({ redirectUris: [port, ownPort].map(callback) })
  const relay = await startRelay()
  const turn = relay?.turn
  // All viewers of a run share one network.
  const vars = { MAILS_PER_NETWORK: '10000' }
  const worker = startWorker({
    port,
    stateDir: join(dir, 'worker'),
    vars,
    twitch: twitchId,
    ...(turn && { turn }),
  })
  const builds = async () => {
    // One after the other: both write WXT's own directory.
    const chromeDir = await buildExtension({ browser: 'chrome', workerOrigin, outDir })
    return { chromeDir, firefoxDir: await buildExtension({ browser: 'firefox', workerOrigin, outDir }) }
  }
  const [started, built] = await Promise.allSettled([worker, builds()])
  const stop = async () => {
    if (started.status === 'fulfilled') await started.value.stop()
    await relay?.stop()
    await twitchId.stop()
    await twitch.stop()
    await rm(dir, { recursive: true, force: true, maxRetries: 5 })
    await tidyUp()
  }
  if (started.status === 'rejected' || built.status === 'rejected') {
    await stop()
    throw started.status === 'rejected' ? started.reason : built.status === 'rejected' && built.reason
  }
  console.log(`e2e: ready after ${((performance.now() - begun) / 1000).toFixed(1)} s`)

  project.provide('workerOrigin', workerOrigin)
  project.provide('twitchPort', twitch.port)
  project.provide('twitchIssuer', twitchId.issuer)
  project.provide('chromeDir', built.value.chromeDir)
  project.provide('firefoxDir', built.value.firefoxDir)
  project.provide('outboxDir', started.value.outbox.dir)
  project.provide('runDir', dir)
  project.provide('turn', turn ?? null)
  project.provide('ownPort', ownPort)
  return stop
}
