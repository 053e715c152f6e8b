/**
 * What a crowded room costs, and what signing in, names and passports do: `npm run bench:worker`. Runs the Worker that
 * ships in workerd, with a bare echo object and a bare route beside it in the same process that bear the same load in
 * turn, because figures of a busy machine mean something only next to each other. What is measured of sign-ins, names
 * and passports says `worker-identity.ts`. Ends with 1 where a bar is missed.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../scripts/stage/port.ts'
import { startWorker } from '../../scripts/stage/worker.ts'
import { mailedCodes } from '../http/mailed-codes.ts'
import { fill, percentile, type RoundFigures, report, round, sorted, storm } from './worker-figures.ts'
import { IdentityBench, mailsOf } from './worker-identity.ts'
import { benchClients, benchConfig, signingKeys } from './worker-stand.ts'

const SOCKETS = 2_000
const STORM = 250
const LOAD = { perSecond: 500, seconds: 1 }
const ROUNDS = 7
/** Bytes of a typical signal, and of a frame with a long message. */
const SIGNAL = 2_400
const FRAME = 1_000
/** The room may take so many times what the echo takes, or so many ms where that is too little to tell. */
const MAX_RATIO = 5
const MAX_MS = 25
/** workerd lets an object go that was idle for 10 s. */
const IDLE_MS = 12_000
/** How often the room sleeps, and how many rounds of sign-ins, names and passports there are meanwhile, at most. */
const SLEEPS = 2
const ROUNDS_ASLEEP = 3
const MOST_MS = 90_000

const guard = setTimeout(() => {
  console.error(`not done within ${MOST_MS} ms`)
  process.exit(1)
}, MOST_MS)

const dir = await mkdtemp(join(tmpdir(), 'sidestream-bench-'))
const { codeFor, onMail } = mailedCodes()
const worker = await startWorker({
  port: await freePort(),
  stateDir: dir,
  config: await benchConfig(dir),
  vars: { MAILS_PER_NETWORK: String(mailsOf(SLEEPS * ROUNDS_ASLEEP)) },
  onMail,
})
try {
  await measure()
} finally {
  await worker.stop()
  await rm(dir, { recursive: true, force: true, maxRetries: 5 })
  clearTimeout(guard)
}
// Sockets of a Worker that is gone.
process.exit()

async function measure(): Promise<void> {
  const clients = await benchClients(dir)
  const { echoCarrier, roomCarrier } = clients
  const echo = echoCarrier(worker.origin, FRAME)
  const room = roomCarrier(worker.origin, await signingKeys(dir))
  const identity = new IdentityBench({ worker, clients, signingKeys: await signingKeys(dir), codeFor })
  let lost = 0
  for (const carrier of [echo, room]) carrier.onLoss = () => lost++

  const echoes = await fill(echo, STORM, 32)
  const members = await fill(room, SOCKETS, 32)
  const echoStorm = await storm(echo, STORM)
  const roomStorm = await storm(room, STORM)

  const figures: Record<'echo' | 'signal' | 'hub', RoundFigures[]> = { echo: [], signal: [], hub: [] }
  const senders = members.clients.slice(0, STORM)
  // A socket that was lost is a miss anyway: no need to wait for what it would have brought.
  for (let count = 0; count < ROUNDS && lost === 0; count++) {
    figures.echo.push(await round(echo, echoes.clients, LOAD))
    // Each to 97 others in turn: a correct member never signals one of them more than once in a second.
    room.load = { kind: 'signal', size: SIGNAL, spread: 97 }
    figures.signal.push(await round(room, senders, LOAD))
    room.load = { kind: 'hub', size: FRAME, spread: 1 }
    figures.hub.push(await round(room, senders, LOAD))
  }

  const woken = { echo: [] as number[], room: [] as number[], sent: 0 }
  for (let count = 0; count < SLEEPS && lost === 0; count++) {
    const before = await starts()
    const wakes = performance.now() + IDLE_MS
    for (let rounds = 0; rounds < ROUNDS_ASLEEP && performance.now() < wakes; rounds++) await identity.round()
    await new Promise((done) => setTimeout(done, wakes - performance.now()))
    const [first, second] = [
      await round(echo, echoes.clients, { perSecond: 1, seconds: 1 }),
      await round(room, senders, { perSecond: 1, seconds: 1 }),
    ]
    const after = await starts()
    woken.sent++
    if (after.echo > before.echo) woken.echo.push(...first.took)
    if (after.room > before.room) woken.room.push(...second.took)
  }

  const ms = (value: number) => `${value.toFixed(1)} ms`
  const p99 = typical(figures.echo, 0.99)
  const relayed = (what: string, rounds: readonly RoundFigures[]) => {
    const [half, most] = [typical(rounds, 0.5), typical(rounds, 0.99)]
    return {
      what: `${what}, ${LOAD.perSecond} a second, p99 : echo's`,
      bar: `<= ${MAX_RATIO}, or <= ${MAX_MS} ms`,
      figure: `${(most / p99).toFixed(2)} (${ms(most)} : ${ms(p99)}; p50 ${ms(half)})`,
      isMet: most <= MAX_RATIO * p99 || most <= MAX_MS,
    }
  }
  const all = [...figures.signal, ...figures.hub]
  const [sent, arrived, astray] = [
    total(all, (round) => round.sent),
    total(all, ({ took }) => took.length),
    total(all, (round) => round.astray),
  ]
  report([
    ...identity.rows(),
    {
      what: `sockets opened per second up to ${SOCKETS.toLocaleString('en')}, room : echo`,
      bar: '',
      figure: `${members.perSecond.toFixed(0)} : ${echoes.perSecond.toFixed(0)}`,
      isMet: members.clients.length === SOCKETS,
    },
    {
      what: `welcomed of ${STORM} who came within a second`,
      bar: `= ${STORM}`,
      figure: `${roomStorm.ready.length}; p50 ${ms(percentile(roomStorm.ready, 0.5))}, p99 ${ms(percentile(roomStorm.ready, 0.99))} (echo ${ms(percentile(echoStorm.ready, 0.5))}, ${ms(percentile(echoStorm.ready, 0.99))})`,
      isMet: roomStorm.ready.length === STORM,
    },
    relayed('signals', figures.signal),
    relayed('frames', figures.hub),
    {
      what: 'first answer of a room that slept : of an echo',
      bar: `= ${woken.sent} answers`,
      figure: `${woken.room.map(ms).join(', ')} : ${woken.echo.map(ms).join(', ')}`,
      isMet: woken.sent > 0 && woken.room.length === woken.sent,
    },
    {
      what: 'relayed, arrived, astray; sockets lost',
      bar: 'all, 0; 0',
      figure: `${sent}, ${arrived}, ${astray}; ${lost}`,
      isMet: sent > 0 && arrived === sent && astray === 0 && lost === 0,
    },
  ])
}

/** The median of the rounds' percentiles: one moment in which the machine did something else spoils a whole round. */
function typical(rounds: readonly RoundFigures[], share: number): number {
  return percentile(sorted(rounds.map(({ took }) => percentile(sorted(took), share))), 0.5)
}

function total(rounds: readonly RoundFigures[], of: (round: RoundFigures) => number): number {
  return rounds.reduce((sum, round) => sum + of(round), 0)
}

async function starts(): Promise<{ room: number; echo: number }> {
  return (await fetch(`${worker.origin}/bench/starts`)).json() as Promise<{ room: number; echo: number }>
}
