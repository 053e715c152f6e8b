import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encodeFrame, type FrameFault } from '../../../protocol/frames'
import {
  LIVE_MESSAGE_MAX_AGE_MS,
  MAX_CLOCK_AHEAD_MS,
  ROLE_GRANT_LIFETIME_MS,
  RULING_PACE,
} from '../../../protocol/limits'
import { encodeMessage, type SignedBytes } from '../../../protocol/message'
import type { Role } from '../../../protocol/role'
import { channelRoom } from '../../../protocol/room-id'
import { encodeRuling, type Ruling } from '../../../protocol/ruling'
import { type SignedKind, type Signer, signAs } from '../../../protocol/signed'
import type { MemoryLink } from '../world/memory-links'
import { type Person, Registrar } from '../world/registrar'
import { ROOM, RoomWorld, type Viewer } from '../world/room-world'
import { pass, until } from '../world/virtual-clock'

let world: RoomWorld
/** The broadcaster, somebody whose account is linked, and somebody whose account is not. */
let bea: Viewer
let lin: Viewer
let una: Viewer

beforeEach(async () => {
  world = await RoomWorld.create()
  bea = await enter('BeaBadger11', true, 'broadcaster')
  lin = await enter('LinLynx22', true)
  una = await enter('UnaUrchin33', false)
  await until(world.clock, () => world.isWhole())
  await until(world.clock, () => bea.session.standing.mayRule)
})
afterEach(() => world.close())

async function enter(name: string, linked: boolean, role?: Role): Promise<Viewer> {
  const person = { ...(await world.registrar.person(name)), linked }
  const grant = role ? await world.registrar.roleGrant(person, ROOM, role, world.clock.now()) : null
  return world.enter(person, {
    role: async () => ({ role: role ?? null, grant, askAgainAt: Number.POSITIVE_INFINITY }),
  })
}

async function setLinkedOnly(on: boolean, who = bea): Promise<void> {
  expect(await who.session.standing.setLinkedOnly(on)).toBe(true)
}

const isOnFor = ({ session }: Viewer) => session.standing.isLinkedOnly
const isOut = ({ session }: Viewer) => session.standing.isBarred && session.linkCount === 0
const isAmongThemselves = () =>
  [bea, lin].every(({ session }) => session.people.all.count === 2 && session.linkCount === 1)
const offences = ({ session }: Viewer) =>
  [...session.faults.keys()].filter(
    (fault) => !['unlinked', 'unknown-author', 'bad-passport'].includes(fault),
  )

function linkFrom(one: Viewer, other: Viewer): MemoryLink {
  const link = world.network.linkBetween(one.links, other.links)
  if (!link) throw new Error('not linked')
  return link
}

/** Asks the room object now and then; once let in, links take real cryptography, which long steps leave no time for. */
async function untilBack(one: Viewer): Promise<void> {
  await until(world.clock, () => one.session.hasServer, 'let in', 250)
  await until(world.clock, () => world.isWhole(), 'everybody is back', 20)
}

/** A ruling of Bea's, made now; whatever is changed may be wrong. */
async function ruling(
  change: Partial<Ruling & { act: 'linked-only' }> = {},
  signer: Signer = bea.person.signer,
  kind: SignedKind = 'ruling',
): Promise<SignedBytes> {
  const now = world.clock.now()
  const bytes = encodeRuling({
    v: 1,
    room: ROOM,
    device: signer.device,
    ms: now,
    passport: bea.world.credentials().passport,
    role: await world.registrar.roleGrant(bea.person, ROOM, 'broadcaster', now),
    act: 'linked-only',
    on: true,
    ...change,
  })
  return { bytes, sig: await signAs(signer, kind, bytes) }
}
const rulingFrame = (signed: SignedBytes) => encodeFrame({ t: 'ruling', ...signed })

let seq = 1
/** Something that a person's browser would not say, as a frame. */
async function messageOf({ device, signer }: Person, body: string, ms = world.clock.now()) {
  const time = { ms, count: 0 }
  const bytes = encodeMessage({ v: 1, room: ROOM, device, seq: seq++, time, kind: 'say', body })
  return encodeFrame({ t: 'message', bytes, sig: await signAs(signer, 'message', bytes) })
}

/** Links between the two groups break, and signals no longer cross. */
function part(one: Viewer[], other: Viewer[]): void {
  const side = (device: string) => one.some(({ person }) => person.device === device)
  world.room.tamper = (data, from, to) => (side(from) === side(to) ? data : undefined)
  for (const viewer of one)
    for (const stranger of other) world.network.breakBetween(viewer.links, stranger.links)
}

function heal(): void {
  world.room.tamper = (data) => data
  for (const { session } of world.viewers) session.reconnectNow()
}

describe('a room that only linked accounts take part in', () => {
  it('has no links with others, counts them for nothing, and tells them why', async () => {
    await setLinkedOnly(true)
    await until(world.clock, () => isOut(una) && isAmongThemselves())
    expect([bea, lin, una].every(isOnFor)).toBe(true)
    expect([bea, lin].some(({ session }) => session.standing.isBarred)).toBe(false)
    // However long they try.
    await pass(world.clock, 30_000, 500)
    expect(isOut(una) && isAmongThemselves()).toBe(true)
    await bea.say('among ourselves')
    await until(world.clock, () => lin.texts().includes('among ourselves'))
    expect(una.texts()).toEqual([])
    // Nobody left by themselves, so nobody is said to have.
    expect(bea.changes.filter(({ t }) => t === 'membership')).toEqual([])
    expect([bea, lin, una].flatMap(offences)).toEqual([])
  })

  it('may be decided by a moderator, and by nobody without a role', async () => {
    const mo = await enter('MoMarten44', true, 'moderator')
    await until(world.clock, () => world.isWhole() && mo.session.standing.mayRule)
    expect(await lin.session.standing.setLinkedOnly(true)).toBe(false)
    await setLinkedOnly(true, mo)
    await until(world.clock, () => isOut(una))
    // Bea's word counts as much as Mo's.
    await setLinkedOnly(false)
    await until(world.clock, () => !isOnFor(mo) && !isOnFor(lin))
  })

  it('lets everybody in again when that is decided, and what they wrote meanwhile is said', async () => {
    await setLinkedOnly(true)
    await until(world.clock, () => isOut(una))
    await una.say('may I?')
    expect(una.session.outbox.view).toMatchObject([{ text: 'may I?', state: 'unlinked' }])
    await setLinkedOnly(false)
    // She asks again now and then.
    await untilBack(una)
    await until(world.clock, () => [bea, lin].every((viewer) => viewer.texts().includes('may I?')))
    expect(una.session.standing.isLinkedOnly).toBe(false)
    expect(una.session.outbox.view).toEqual([])
  })

  it('lets in whoever links their account, at once, and what they wrote meanwhile is said', async () => {
    await setLinkedOnly(true)
    await until(world.clock, () => isOut(una) && isAmongThemselves())
    await bea.say('before')
    await una.say('and now?')
    const at = world.clock.now()
    await una.link(true, 2)
    await until(world.clock, () => world.isWhole())
    await until(world.clock, () => world.viewers.every((viewer) => viewer.texts().length === 2))
    expect(world.clock.now() - at).toBeLessThan(20_000)
    expect(una.session.standing.isBarred).toBe(false)
    expect(una.session.standing.isLinkedOnly).toBe(true)
  })

  it('leaves whoever was linked by then in peace, also if they were not when they came', async () => {
    await una.link(true, 2)
    await until(world.clock, () => world.isWhole())
    await pass(world.clock, 5_000)
    await setLinkedOnly(true)
    let isShaken = false
    for (let passed = 0; passed < 10_000; passed += 50) {
      await pass(world.clock, 50)
      isShaken ||= una.session.linkCount < 2 || !una.session.hasServer || una.session.standing.isBarred
    }
    expect(isShaken).toBe(false)
    expect(una.outdated).toBe(0)
  })

  it('puts out whoever unlinks their account', async () => {
    await setLinkedOnly(true)
    await until(world.clock, () => isOut(una))
    world.room.revoke(await world.registrar.revocation(lin.person, world.clock.now(), 1))
    await lin.link(false, 2)
    await until(world.clock, () => isOut(lin) && bea.session.people.all.count === 1)
    await pass(world.clock, 30_000, 500)
    expect(bea.session.linkCount).toBe(0)
  })

  it('does not know a stranger from the others, though the room object introduces them', async () => {
    world.room.isForgetful = true
    await setLinkedOnly(true)
    await until(world.clock, () => isAmongThemselves() && una.session.linkCount === 0)
    const newcomers = [await enter('NewNewt55', false), await enter('NewNuthatch66', true)] as const
    await until(world.clock, () => newcomers[1].session.linkCount === 2)
    await pass(world.clock, 60_000, 500)
    expect(newcomers[0].session.linkCount).toBe(0)
    expect(isOnFor(newcomers[1])).toBe(true)
    expect(bea.session.people.all.count).toBe(3)
  })
})

describe('what unlinked accounts say meanwhile', () => {
  beforeEach(async () => {
    await una.say('before')
    await until(world.clock, () => world.viewers.every((viewer) => viewer.texts().includes('before')))
    await pass(world.clock, 1_000)
  })

  it('is neither shown nor passed on, also when a member brings it', async () => {
    await setLinkedOnly(true)
    await until(world.clock, () => isOut(una) && isAmongThemselves())
    const mel = await enter('MelMink77', true)
    await until(world.clock, () => mel.session.kinds.direct === 2)
    const frame = await messageOf(una.person, 'sneaked in')
    linkFrom(mel, bea).send(frame)
    await until(world.clock, () => bea.session.faults.has('unknown-author'))
    await pass(world.clock, 5_000)
    expect(bea.texts()).toEqual(['before'])
    expect(linkFrom(bea, lin).sent).not.toContainEqual(frame)
    // Whoever passed it on in good faith keeps the link.
    expect(linkFrom(mel, bea).isOpen).toBe(true)
  })

  it('counts for nothing although it is said when that is over, and stamped back', async () => {
    await setLinkedOnly(true)
    await until(world.clock, () => isOut(una))
    await pass(world.clock, 1_000)
    const during = world.clock.now()
    await pass(world.clock, 1_000)
    await setLinkedOnly(false)
    una.session.reconnectNow()
    await until(world.clock, () => world.isWhole())
    expect(world.clock.now() - during).toBeLessThan(LIVE_MESSAGE_MAX_AGE_MS)
    const before = bea.session.faults.get('unlinked') ?? 0
    linkFrom(una, bea).send(await messageOf(una.person, 'stamped back', during))
    linkFrom(una, bea).send(await messageOf(una.person, 'a new one'))
    await until(world.clock, () => bea.texts().includes('a new one'))
    expect(bea.session.faults.get('unlinked')).toBe(before + 1)
    await pass(world.clock, 150_000, 1_000)
    for (const viewer of [bea, lin]) expect(viewer.texts()).not.toContain('stamped back')
  })

  it('is gone from everybody once they hear of it, and what linked accounts said stays', async () => {
    world.room.isForgetful = true
    part([bea], [lin, una])
    await until(world.clock, () => bea.session.linkCount === 0)
    await setLinkedOnly(true)
    await pass(world.clock, 1_000)
    // Both are told nothing, and talk.
    await una.say('from Una')
    await lin.say('from Lin')
    await until(world.clock, () => [lin, una].every((viewer) => viewer.texts().length === 3))
    await pass(world.clock, 1_000)
    expect(lin.archive.messages.map(({ body }) => body)).toContain('from Una')
    heal()
    await until(world.clock, () => bea.texts().includes('from Lin') && !lin.texts().includes('from Una'))
    await until(world.clock, () => una.session.linkCount === 0 && !una.texts().includes('from Una'))
    for (const viewer of [bea, lin]) expect(viewer.texts()).toEqual(['before', 'from Lin'])
    await pass(world.clock, 150_000, 1_000)
    for (const viewer of [bea, lin]) expect(viewer.texts()).toEqual(['before', 'from Lin'])
    expect(lin.archive.messages.map(({ body }) => body)).toEqual(['before', 'from Lin'])
    // Una has what she wrote, and decides whether she still means it.
    expect(una.session.outbox.view).toMatchObject([
      { text: 'from Una', state: 'refused', refused: 'unlinked' },
    ])
    const [line] = una.session.outbox.view
    await una.link(true, 2)
    await untilBack(una)
    una.session.outbox.sayAgain(line?.key ?? '')
    await until(world.clock, () => [bea, lin].every((viewer) => viewer.texts().includes('from Una')))
  })

  it('is not taken from the log of somebody who was told nothing', async () => {
    world.room.isForgetful = true
    part([bea], [lin, una])
    await until(world.clock, () => bea.session.linkCount === 0)
    await setLinkedOnly(true)
    await pass(world.clock, 1_000)
    await una.say('from Una')
    await until(world.clock, () => lin.texts().length === 2)
    // Lin's browser takes no rulings: what she has, she offers.
    const taken = linkFrom(lin, una).other
    expect(taken.isOpen).toBe(true)
    world.network.breakBetween(lin.links, una.links)
    const deaf = lin.world.passports
    deaf.verifyRoleAt = () => Promise.reject(new Error('deaf'))
    heal()
    await until(world.clock, () => lin.session.linkCount > 0 && bea.session.linkCount > 0)
    await until(world.clock, () => bea.session.faults.has('unlinked'), 'offered and refused', 250)
    await pass(world.clock, 60_000, 500)
    expect(bea.texts()).toEqual(['before'])
    // Excusable: views differ. (The link may just be exchanged for a better one.)
    await until(world.clock, () => world.network.linkBetween(lin.links, bea.links)?.isOpen === true, 'linked')
  })

  it('stays for who was linked by then, whichever passport came first', async () => {
    world.room.isForgetful = true
    const [old, linked] = [una.world.credentials().passport, await passportOf(una, true)]
    expect(old).not.toBe(linked)
    part([bea], [lin, una])
    await until(world.clock, () => bea.session.linkCount === 0)
    await setLinkedOnly(true)
    await pass(world.clock, 2_000)
    // Lin has heard of the new passport, and so has what was said under it; somebody else may have the old one.
    await una.link(true, 2)
    await until(world.clock, () => lin.session.people.member(una.person.device)?.passport.linked === true)
    await una.say('linked now')
    await until(world.clock, () => lin.texts().includes('linked now'))
    heal()
    await until(world.clock, () => world.viewers.every((viewer) => viewer.texts().includes('linked now')))
    await until(world.clock, () => world.isWhole(), 'everybody is linked', 20)
  })
})

const passportOf = ({ person }: Viewer, linked: boolean, ver = 2) =>
  world.registrar.passport({ ...person, linked }, world.clock.now(), 24, ver)

describe('a ruling', () => {
  const forged: [what: string, fault: FrameFault, make: () => Promise<SignedBytes>][] = [
    ['signed by somebody else', 'bad-signature', async () => withSigner(await ruling(), lin.person.signer)],
    ['signed as something else', 'bad-signature', () => ruling({}, bea.person.signer, 'presence')],
    ['under somebody else’s passport', 'bad-passport', () => ruling({}, lin.person.signer)],
    [
      'by somebody else’s grant',
      'bad-role',
      () => ruling({ passport: lin.world.credentials().passport }, lin.person.signer),
    ],
    [
      'by a grant for another room',
      'bad-role',
      async () =>
        ruling({
          role: await world.registrar.roleGrant(
            bea.person,
            channelRoom('another'),
            'broadcaster',
            world.clock.now(),
          ),
        }),
    ],
    ['for another room', 'wrong-room', () => ruling({ room: channelRoom('another') })],
    [
      'by a grant of nobody’s',
      'bad-role',
      async () => {
        const forger = await Registrar.open()
        return ruling({ role: await forger.roleGrant(bea.person, ROOM, 'broadcaster', world.clock.now()) })
      },
    ],
    [
      'by a grant that has expired',
      'bad-role',
      async () => ruling({ role: await grantOf(-ROLE_GRANT_LIFETIME_MS - 1_000) }),
    ],
    [
      'by a grant from after it',
      'bad-role',
      async () => ruling({ role: await grantOf(MAX_CLOCK_AHEAD_MS + 2_000) }),
    ],
    ['by a passport for a grant', 'bad-role', () => ruling({ role: bea.world.credentials().passport })],
    [
      'from the future',
      'from-the-future',
      () => ruling({ ms: world.clock.now() + MAX_CLOCK_AHEAD_MS + 1_000 }),
    ],
  ]
  const grantOf = (agoMs: number) =>
    world.registrar.roleGrant(bea.person, ROOM, 'broadcaster', world.clock.now() + agoMs)
  const withSigner = async ({ bytes }: SignedBytes, signer: Signer) => ({
    bytes,
    sig: await signAs(signer, 'ruling', bytes),
  })

  it.each(forged)('%s changes nothing', async (_, fault, make) => {
    const wire = linkFrom(una, lin)
    wire.send(rulingFrame(await make()))
    await until(world.clock, () => lin.session.faults.has(fault))
    expect(world.viewers.some(isOnFor)).toBe(false)
    expect(bea.session.faults.has(fault)).toBe(false)
  })

  it('that is forged, and again, costs the link', async () => {
    const wire = linkFrom(una, lin)
    for (let times = 0; times < 3; times++)
      wire.send(rulingFrame(await ruling({ ms: world.clock.now() + times }, lin.person.signer)))
    await until(world.clock, () => !wire.isOpen)
    expect(bea.session.people.all.count).toBe(3)
  })

  it('stays when the grant behind it has expired, also for newcomers', async () => {
    await setLinkedOnly(true)
    await until(world.clock, () => isOut(una) && isAmongThemselves())
    world.room.isForgetful = true
    world.kill(bea)
    const late = ROLE_GRANT_LIFETIME_MS - 1_000
    await pass(world.clock, late, 600_000)
    await lin.link(true, 2)
    await pass(world.clock, 60_000, 500)
    const newcomer = await enter('NewNewt55', true)
    await until(world.clock, () => newcomer.session.linkCount === 1)
    await until(world.clock, () => isOnFor(newcomer))
    expect(offences(newcomer)).toEqual([])
  })

  it('that comes late counts from when it was made', async () => {
    const made = await ruling()
    await pass(world.clock, 200_000, 1_000)
    linkFrom(una, lin).send(rulingFrame(made))
    await until(world.clock, () => isOut(una) && isAmongThemselves())
  })

  it('of before changes nothing, whoever brings it again', async () => {
    await setLinkedOnly(true)
    await until(world.clock, () => isOut(una) && isAmongThemselves())
    const on = linkFrom(bea, lin).sent.find((frame) => Buffer.from(frame).includes('linked-only'))
    if (!on) throw new Error('nothing was decided')
    await pass(world.clock, 1_000)
    await setLinkedOnly(false)
    await untilBack(una)
    for (const [from, to] of [
      [una, lin],
      [una, bea],
      [lin, bea],
    ] as const)
      linkFrom(from, to).send(on)
    await pass(world.clock, 5_000)
    expect(world.viewers.some(isOnFor)).toBe(false)
    expect(world.viewers.every(({ session }) => session.people.all.count === 3)).toBe(true)
  })

  it('that follows another by less than the clocks differ still follows it', async () => {
    const ahead = await ruling({ ms: world.clock.now() + 5_000 })
    linkFrom(una, bea).send(rulingFrame(ahead))
    await until(world.clock, () => isOnFor(bea))
    await setLinkedOnly(false)
    expect(isOnFor(bea)).toBe(false)
  })

  it('is not made twice for what holds already', async () => {
    await setLinkedOnly(true)
    await setLinkedOnly(true)
    await until(world.clock, () => isAmongThemselves())
    expect(world.room.rulings).toHaveLength(1)
  })

  it('under a passport that was revoked by then counts no more', async () => {
    const revocation = await world.registrar.revocation(bea.person, world.clock.now())
    await pass(world.clock, 2_000)
    const made = await ruling()
    linkFrom(una, lin).send(rulingFrame(made))
    await until(world.clock, () => isOnFor(lin))
    world.room.revoke(revocation, [lin.person.device])
    await until(world.clock, () => !isOnFor(lin))
    expect(offences(lin)).toEqual([])
  })

  it('of a device that decides without end is not passed on for long, and costs it its links', async () => {
    // Her own browser knows nothing of it, and brings nothing twice.
    bea.world.passports.verifyRoleAt = () => Promise.reject(new Error('deaf'))
    const wire = linkFrom(bea, lin)
    const passed = linkFrom(lin, una)
    const now = world.clock.now()
    for (let n = 0; n < 200 && wire.isOpen; n++) {
      wire.send(rulingFrame(await ruling({ ms: now + n, on: false })))
      if (n % 20 === 0) await pass(world.clock, 100)
    }
    await until(world.clock, () => !wire.isOpen, 'cut off')
    expect(passed.isOpen).toBe(true)
    const rulings = passed.sent.filter((frame) => Buffer.from(frame).includes('linked-only'))
    expect(rulings.length).toBeGreaterThanOrEqual(RULING_PACE.burst)
    expect(rulings.length).toBeLessThan(RULING_PACE.burst + 5)
  })
})

describe('the room object', () => {
  it('is told once, by who decides, and tells whoever comes when nobody else is left', async () => {
    await setLinkedOnly(true)
    await until(world.clock, () => isOut(una))
    await pass(world.clock, 10_000, 250)
    expect(world.room.rulings).toHaveLength(1)
    world.kill(bea)
    world.kill(lin)
    const newcomer = await enter('NewNewt55', false)
    await until(world.clock, () => newcomer.session.standing.isBarred)
    const other = await enter('NewNuthatch66', true)
    await until(world.clock, () => isOnFor(other))
    expect(other.session.hasServer).toBe(true)
  })

  it('that was away when it was decided is told by whoever knows', async () => {
    world.room.crash()
    await setLinkedOnly(true)
    await until(world.clock, () => isAmongThemselves())
    world.kill(bea)
    world.room.isDown = false
    await until(world.clock, () => world.room.rulings.length > 0, 'told', 250)
    await pass(world.clock, 10_000, 250)
    // Two may happen to tell it in the same moment, each once.
    const told = world.room.rulings.length
    expect(told).toBeLessThanOrEqual(2)
    await pass(world.clock, 60_000, 250)
    expect(world.room.rulings).toHaveLength(told)
  })

  it('is not asked all the time by whom it refuses, nor for every network that comes', async () => {
    await setLinkedOnly(true)
    await until(world.clock, () => isOut(una))
    const { socketPass } = una.world
    let asked = 0
    una.world.socketPass = (room) => {
      asked++
      return socketPass(room)
    }
    for (let minutes = 0; minutes < 60; minutes++) {
      await pass(world.clock, 60_000, 10_000)
      una.session.probe()
    }
    expect(asked).toBeGreaterThan(8)
    expect(asked).toBeLessThan(35)
    // Whoever asks for it is not kept waiting.
    const before = asked
    una.session.reconnectNow()
    await pass(world.clock, 100)
    expect(asked).toBe(before + 1)
  })

  it('that forges is not believed', async () => {
    const forger = await Registrar.open()
    const signed = await ruling({
      role: await forger.roleGrant(bea.person, ROOM, 'broadcaster', world.clock.now()),
    })
    world.room.rulings.push(signed)
    const newcomer = await enter('NewNewt55', true)
    await until(world.clock, () => newcomer.session.faults.has('bad-role'))
    expect(isOnFor(newcomer)).toBe(false)
  })

  it('that takes somebody unlinked knows better than their passport, which is asked for anew', async () => {
    const other = await world.enter(
      { ...(await world.registrar.deviceOf(una.person)), linked: false },
      { linkedAtWorker: () => true },
    )
    await until(world.clock, () => other.session.linkCount > 0)
    await setLinkedOnly(true)
    await until(world.clock, () => other.outdated > 0)
    await other.link(true, 2)
    await until(world.clock, () => other.session.hasServer, 'let in', 250)
    await until(world.clock, () => [bea, lin].every(({ session }) => session.linkCount === 2), 'linked', 20)
  })

  it('that refuses somebody linked has them ask for a passport, once', async () => {
    const other = await world.enter(
      { ...(await world.registrar.person('OtherOtter88')), linked: true },
      { linkedAtWorker: () => false },
    )
    await until(world.clock, () => other.session.linkCount > 0)
    await setLinkedOnly(true)
    await until(world.clock, () => other.outdated > 0)
    await pass(world.clock, 600_000, 1_000)
    expect(other.outdated).toBe(1)
  })
})
