import fc from 'fast-check'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { compareMessages } from '../../../../protocol/message'
import { hashAtOnce, SimulatedRoom } from './simulated-room'

beforeEach(hashAtOnce)
afterEach(() => vi.restoreAllMocks())

const CAPACITY = 40
const MINUTE = 60_000

type Step =
  | { t: 'say'; who: number; audience: number; wait: number }
  | { t: 'lie'; who: number; audience: number }
  | { t: 'split'; side: number }
  | { t: 'heal' }
  | { t: 'wait'; ms: number }

const say = fc.record({
  t: fc.constant('say' as const),
  who: fc.nat(5),
  audience: fc.nat(63),
  wait: fc.integer({ min: 1_500, max: 4_000 }),
})
const world = [
  fc.record({ t: fc.constant('split' as const), side: fc.nat(63) }),
  fc.record({ t: fc.constant('heal' as const) }),
  fc.record({ t: fc.constant('wait' as const), ms: fc.integer({ min: 1_000, max: 90_000 }) }),
]
const lie = fc.record({ t: fc.constant('lie' as const), who: fc.nat(5), audience: fc.nat(63) })

const scheduleOf = (...steps: fc.Arbitrary<Step>[]) =>
  fc.array(fc.oneof({ arbitrary: say, weight: 8 }, ...steps.map((arbitrary) => ({ arbitrary, weight: 1 }))), {
    minLength: 5,
    maxLength: 90,
    size: 'max',
  })

async function play(room: SimulatedRoom, steps: readonly Step[]): Promise<void> {
  room.arrange(() => true)
  for (const step of steps) {
    if (step.t === 'say') {
      await room.clock.run(step.wait)
      room.say(room.member(step.who), step.audience)
    } else if (step.t === 'lie') {
      const liar = room.member(step.who)
      await room.clock.run(1_500)
      room.say(liar, step.audience, 'yes')
      room.say(liar, ~step.audience, 'no', liar.seq - 1)
    } else if (step.t === 'split') room.arrange((a, b) => ((step.side >> a) & 1) === ((step.side >> b) & 1))
    else if (step.t === 'heal') room.arrange(() => true)
    else await room.clock.run(step.ms)
  }
}

/** Heals, stops the noise, and gives everybody time. Fresh links: a correct link loses nothing. */
async function recover(room: SimulatedRoom, isChain: boolean): Promise<void> {
  room.noise = { lost: 0, twice: 0 }
  room.arrange(() => false)
  await room.clock.run(1_000)
  room.arrange((a, b) => !isChain || b - a === 1)
  await room.clock.run(1_000)
  await room.clock.run(5 * MINUTE, () => room.isAgreed)
}

const shape = {
  size: fc.integer({ min: 2, max: 6 }),
  seed: fc.nat(),
  isChain: fc.boolean(),
  noise: fc.record({ lost: fc.constantFrom(0, 0.1, 0.5), twice: fc.constantFrom(0, 0.2) }),
}

it('after a partition has healed, all logs hold the newest of everything that was said', async () => {
  let overflowing = 0
  await fc.assert(
    fc.asyncProperty(
      fc.record({ ...shape, steps: scheduleOf(...world) }),
      async ({ size, seed, isChain, noise, steps }) => {
        const room = new SimulatedRoom(size, CAPACITY, seed)
        room.noise = noise
        await play(room, steps)
        await recover(room, isChain)
        if (room.said.length > CAPACITY) overflowing++
        const expected = [...room.said].sort(compareMessages).slice(-CAPACITY)
        for (const { log } of room.members) expect(log.all).toEqual(expected)
        room.close()
        await room.clock.run(1_000)
        expect(room.clock.pending).toBe(0)
      },
    ),
    { numRuns: 40 },
  )
  expect(overflowing).toBeGreaterThan(5)
})

it('with liars among them all logs and all voided sets agree, and no honest word is lost', async () => {
  let lies = 0
  await fc.assert(
    fc.asyncProperty(
      fc.record({ ...shape, steps: scheduleOf(...world, lie) }),
      async ({ size, seed, isChain, noise, steps }) => {
        const room = new SimulatedRoom(size, CAPACITY, seed)
        room.noise = noise
        await play(room, steps)
        await recover(room, isChain)
        expect(room.isAgreed).toBe(true)
        const voided = room.member(0).log.proofs
        lies += voided.size
        // What a log dropped for a liar's words is gone, but nothing of the newest ever was dropped.
        const honest = room.said.filter(({ device }) => !voided.has(device))
        const newest = [...room.said].sort(compareMessages).slice(-CAPACITY)
        const kept = new Set(room.member(0).log.all.map(({ id }) => id))
        for (const message of newest) if (!voided.has(message.device)) expect(kept.has(message.id)).toBe(true)
        expect(room.member(0).log.all.every(({ id }) => honest.some((message) => message.id === id))).toBe(
          true,
        )
        room.close()
      },
    ),
    { numRuns: 40 },
  )
  expect(lies).toBeGreaterThan(20)
})

it('news that came over one link of a chain reaches its far end at once', async () => {
  // The latest and rarest rounds there are: none of them helps.
  const room = new SimulatedRoom(6, 1_000, () => 0.999)
  room.arrange((a, b) => b - a === 1 && b !== 1)
  room.say(room.member(0), 0)
  await room.clock.run(MINUTE)
  room.arrange((a, b) => b - a === 1)
  await room.clock.run(3_000)
  expect(room.member(5).log.all).toEqual(room.said)
  room.close()
})

it('and what the other end of a fresh link knows is asked back for, though it was asked too early', async () => {
  const room = new SimulatedRoom(2, 1_000, () => 0.999)
  const [a, b] = [room.member(0), room.member(1)]
  room.connect(a, b)
  await room.clock.run(MINUTE)
  room.say(a, 0)
  a.reconciler.gapAt(b.device)
  await room.clock.run(3_000)
  expect(b.log.all).toEqual(room.said)
  room.close()
})
