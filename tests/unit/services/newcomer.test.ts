import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { DeviceId } from '../../../protocol/device'
import { decodeFrame, encodeFrame } from '../../../protocol/frames'
import { MAX_PRESENCE_SYNC } from '../../../protocol/limits'
import { encodeMessage, type SignedBytes } from '../../../protocol/message'
import { encodePresence, type Presence } from '../../../protocol/presence'
import { signAs } from '../../../protocol/signed'
import { Passports } from '../../../services/passports'
import { FrameIntake } from '../../../services/room/frame-intake'
import { Roster } from '../../../services/room/roster'
import { MemoryLink } from '../world/memory-links'
import { type Person, Registrar } from '../world/registrar'
import { ROOM } from '../world/room-world'
import { pass, until, VirtualClock } from '../world/virtual-clock'

type Bytes = Uint8Array<ArrayBuffer>
/** Somebody with a passport, who can speak. */
interface Crowded {
  person: Person
  passport: string
}

const NEIGHBOURS = 4
let registrar: Registrar
let crowd: Crowded[]
let clock: VirtualClock
let roster: Roster
let intake: FrameIntake
let links: MemoryLink[]
let faults: string[]
let filed: string[]
/** What was kept of what was signed, to be told on. */
let kept: SignedBytes[]
let passedOn: number
/** How often what became of broadcasts. */
let outcomes: Map<string, number>
/** How many are said to be here. */
let peopleCount: () => number
/** Holds a check up. */
let beforeCheck: () => Promise<void> | undefined

beforeAll(async () => {
  registrar = await Registrar.open()
  crowd = []
  for (let n = 0; n < MAX_PRESENCE_SYNC; n++) {
    const person = await registrar.person(`Crowd${n}`)
    crowd.push({ person, passport: await registrar.passport(person, new VirtualClock().now()) })
  }
})

beforeEach(() => {
  clock = new VirtualClock()
  const passports = new Passports(clock, registrar.jwks, async () => registrar.jwks)
  const { now } = { now: () => clock.now() }
  const since = now()
  faults = []
  filed = []
  kept = []
  passedOn = 0
  outcomes = new Map()
  roster = new Roster({
    clock,
    me: 'me' as DeviceId,
    since,
    onHeard: () => {},
    onLeft: () => {},
    onMembership: () => {},
    onChange: () => {},
  })
  peopleCount = () => roster.count
  beforeCheck = () => undefined
  intake = new FrameIntake({
    clock,
    facts: {
      room: ROOM,
      now,
      member: (device) => roster.get(device),
      peopleCount: () => peopleCount(),
      nameOf: (account) => roster.nameOf(account),
      verifyPassport: async (jwt) => {
        await beforeCheck()
        return passports.verify(jwt)
      },
      isVoid: () => false,
      isBarredAt: () => false,
    },
    onMessage: ({ body, signed }) => {
      kept.push(signed)
      return filed.push(body) > 0
    },
    onPresence: (presence, passport, signed) => {
      kept.push(signed)
      return roster.apply(presence, passport, signed)
    },
    onTyping: () => false,
    onProof: async () => false,
    onReconciliation: async () => undefined,
    onRevoked: async () => undefined,
    reports: { take: async () => 'useless' },
    exchange: { decided: () => 'news', asked: () => 'useless', wasAsked: () => false },
    forward: () => {},
    onBroadcast: (outcome, _, frame) => {
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
      if (outcome !== 'passed-on') return
      passedOn++
      // The tree keeps what was signed and how it was framed, and no more.
      expect(Object.keys(frame).sort()).toEqual(['bytes', 'sig', 't'])
    },
    onOverlay: () => {},
    isCrowd: () => false,
    rulings: { read: () => 'known', decide: async () => 'known' },
    onFault: (fault) => faults.push(fault),
  })
  // Whoever is last in the crowd is never a neighbour's own word first.
  links = Array.from({ length: NEIGHBOURS }, (_, n) => linkOf(peer(n)))
})

afterEach(() => {
  intake.close()
  vi.restoreAllMocks()
})

const peer = (n: number) => at(n).person.device
function at(n: number): Crowded {
  const one = crowd[n]
  if (!one) throw new Error('nobody')
  return one
}

function linkOf(device: DeviceId): MemoryLink {
  const link = new MemoryLink()
  link.other = new MemoryLink()
  link.other.other = link
  intake.attach(device, link)
  return link
}

async function word({ person, passport }: Crowded, change: Partial<Presence> = {}): Promise<Bytes> {
  const ms = clock.now()
  const { device, signer } = person
  const said: Presence = {
    v: 1,
    room: ROOM,
    device,
    ms,
    since: ms,
    state: 'here',
    direct: false,
    passport,
    ...change,
  }
  const bytes = encodePresence(said)
  return encodeFrame({ t: 'presence', bytes, sig: await signAs(signer, 'presence', bytes) })
}

const words = (change: Partial<Presence> = {}, members = crowd) =>
  Promise.all(members.map((member) => word(member, change)))

/** Each link brings all of it, and all links at once. */
function bring(frames: readonly Bytes[]): void {
  for (const frame of frames) for (const link of links) link.onFrame(frame)
}

/** Frames of a link are looked at in order: when the last is answered, or the link has ended, none waits. */
async function allLookedAt(): Promise<void> {
  const before = links.map(({ sent }) => sent.length)
  for (const link of links) link.onFrame(encodeFrame({ t: 'ping' }))
  const isDone = (link: MemoryLink, n: number) => !link.isOpen || link.sent.length > (before[n] ?? 0)
  await settled(() => links.every(isDone), 'all looked at')
}

/** Nobody needs more than a moment: what waits for time to pass waits in vain. */
const settled = (condition: () => boolean, what: string) => until(clock, condition, what, 0)

function expectNobodyBlamed(): void {
  expect(links.map((link) => link.isOpen)).toEqual(links.map(() => true))
  expect(links.filter((_, n) => intake.isShunned(peer(n)))).toEqual([])
  expect(faults).toEqual([])
}

describe('a newcomer whose neighbours all tell at once who is here', () => {
  it.each([300, MAX_PRESENCE_SYNC])('comes to know all %i, and shuns nobody', async (count) => {
    bring(await words({}, crowd.slice(0, count)))
    await settled(() => roster.count === count, 'everybody known')
    await pass(clock, 100)
    expectNobodyBlamed()
    expect(passedOn).toBe(count)
  })

  it.each([
    ['last', 1],
    ['first', -1],
  ])('does so when each has heard another word of everybody, and the newest comes %s', async (_, step) => {
    const ms = (n: number) => clock.now() + n * step
    const newest = Math.max(ms(0), ms(NEIGHBOURS - 1))
    const all = await Promise.all(links.map((_, n) => words({ ms: ms(n) })))
    for (let n = 0; n < crowd.length; n++)
      for (const [at, link] of links.entries()) link.onFrame(all[at]?.[n] ?? new Uint8Array(0))
    await settled(() => roster.all.filter(({ ms }) => ms === newest).length === 500, 'all newest')
    await pass(clock, 100)
    expectNobodyBlamed()
  })

  it('checks each word once', async () => {
    const frames = await words({}, crowd.slice(0, 100))
    const verify = countVerifies()
    bring(frames)
    await settled(() => roster.count === 100, 'everybody known')
    await pass(clock, 100)
    // The passport, and what was said.
    expect(verify()).toBe(200)
  })

  it('does not have a link pay for a word that another outran while it was checked', async () => {
    const [quick, slow] = links
    for (let n = 0; n < 200; n++) {
      const gate = Promise.withResolvers<void>()
      const [older, newer] = [await word(at(n)), await word(at(n), { ms: clock.now() + 1 })]
      let isHeld = false
      beforeCheck = () => {
        isHeld = true
        return gate.promise
      }
      slow?.onFrame(older)
      await settled(() => isHeld, 'checking')
      beforeCheck = () => undefined
      quick?.onFrame(newer)
      await settled(() => roster.count === n + 1, 'outrun')
      gate.resolve()
    }
    slow?.onFrame(await word(at(200)))
    await settled(() => roster.count === 201, 'checked at once')
    expectNobodyBlamed()
  })

  it('takes the true word after a false one with the same bytes', async () => {
    const frame = await word(at(9))
    const decoded = decodeFrame(frame)
    if (!('frame' in decoded) || decoded.frame.t !== 'presence') throw new Error('no presence')
    const forged = encodeFrame({ ...decoded.frame, sig: crypto.getRandomValues(new Uint8Array(64)) })
    const gate = Promise.withResolvers<void>()
    let isHeld = false
    beforeCheck = () => {
      isHeld = true
      return gate.promise
    }
    links[0]?.onFrame(forged)
    await settled(() => isHeld, 'checking')
    links[1]?.onFrame(frame)
    await pass(clock, 10, 1)
    gate.resolve()
    await settled(() => roster.count === 1, 'known')
    expect(faults).toEqual(['bad-signature'])
  })
})

describe('a room', () => {
  it('into which 250 come in one moment, and out of which they go, holds together', async () => {
    const storm = crowd.slice(0, 250)
    bring(await words({}, storm))
    await settled(() => roster.count === 250, 'all came')
    bring(await words({ state: 'left', ms: clock.now() + 1 }, storm))
    await settled(() => roster.count === 0, 'all left')
    await pass(clock, 100)
    expectNobodyBlamed()
  })

  it('out of which 400 go of whom a newcomer has not heard keeps the newcomer', async () => {
    bring(await words({ state: 'left' }, crowd.slice(0, 400)))
    bring(await words({ ms: clock.now() - 1 }, crowd.slice(400)))
    await until(clock, () => roster.count === 100, 'those who stayed', 50)
    await pass(clock, 100)
    expectNobodyBlamed()
  })

  it('shuns whoever floods it with words of its own, and soon', async () => {
    const verify = countVerifies()
    for (let n = 0; n < 400; n++) links[0]?.onFrame(await word(at(0), { ms: clock.now() + n }))
    await settled(() => intake.isShunned(peer(0)), 'shunned')
    expect(verify()).toBeLessThan(80)
    expect(links.map(({ isOpen }) => isOpen)).toEqual([false, true, true, true])
  })

  it('in which everybody talks at once has each message checked once', async () => {
    const speakers = crowd.slice(0, 200)
    bring(await words({}, speakers))
    await settled(() => roster.count === 200, 'all here')
    const said = await Promise.all(speakers.map(({ person }, n) => message(person, `word ${n}`)))
    const verify = countVerifies()
    bring(said)
    await settled(() => filed.length === 200, 'all heard')
    await pass(clock, 100)
    expect(verify()).toBe(200)
    expect(new Set(kept.map((signed) => Object.keys(signed).sort().join()))).toEqual(new Set(['bytes,sig']))
    expectNobodyBlamed()
  })

  it('so large that its words of being here come hundreds a second has honest neighbours', async () => {
    const known = await words({})
    bring(known)
    await settled(() => roster.count === 500, 'all here')
    // Each second something known, in another shape each time, as the words of others would be.
    peopleCount = () => 20_000
    await allLookedAt()
    clock.advance(1_000)
    for (let second = 1; second <= 20; second++) {
      const older = await words({ ms: clock.now() - 20_000 - second, state: 'here' }, crowd.slice(0, 333))
      bring(older)
      await allLookedAt()
      clock.advance(1_000)
    }
    expectNobodyBlamed()
  })

  it('in which much is new and comes from everybody has honest neighbours, however few are known', async () => {
    for (let second = 0; second < 12; second++) {
      bring(await words({}, crowd.slice(0, 333)))
      await allLookedAt()
      clock.advance(1_000)
    }
    expect(passedOn).toBe(12 * 333)
    expectNobodyBlamed()
  })

  it('whose clock jumped ahead while nobody could correct it keeps its neighbours', async () => {
    bring(await words({}, crowd.slice(0, 30)))
    await settled(() => roster.count === 30, 'all here')
    const said = clock.now()
    clock.advance(180_000)
    links = links.map((_, n) => linkOf(peer(n)))
    bring(await words({ ms: said }))
    for (let second = 0; second < 20; second++) {
      const lines = Array.from({ length: 15 }, (_, n) =>
        message(at(n).person, `${second} ${n}`, said + second),
      )
      bring(await Promise.all(lines))
      await allLookedAt()
      clock.advance(1_000)
    }
    expect(links.every(({ isOpen }) => isOpen)).toBe(true)
    expect(links.filter((_, n) => intake.isShunned(peer(n)))).toEqual([])
    expect(new Set(faults)).toEqual(new Set(['stale']))
  })
})

let seq = 0
async function message({ device, signer }: Person, body: string, ms = clock.now()): Promise<Bytes> {
  const time = { ms, count: 0 }
  const bytes = encodeMessage({ v: 1, room: ROOM, device, seq: seq++, time, kind: 'say', body })
  return encodeFrame({ t: 'message', bytes, sig: await signAs(signer, 'message', bytes) })
}

/** How many signatures have been checked since. */
function countVerifies(): () => number {
  const { subtle } = crypto
  const verify = subtle.verify.bind(subtle)
  let count = 0
  vi.spyOn(subtle, 'verify').mockImplementation((...args) => {
    count++
    return verify(...args)
  })
  return () => count
}
