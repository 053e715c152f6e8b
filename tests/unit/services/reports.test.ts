import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { decodeFrame, encodeFrame } from '../../../protocol/frames'
import {
  MAX_FRAME_BYTES,
  MAX_REPORT_AGE_MS,
  MAX_REPORT_MESSAGES,
  REPORT_PACE,
} from '../../../protocol/limits'
import {
  decodeReport,
  encodeReport,
  evidenceIn,
  openReport,
  type Report,
  sealReport,
} from '../../../protocol/report'
import type { ReportView, ReportWish } from '../../../protocol/report-view'
import type { Role } from '../../../protocol/role'
import { signAs } from '../../../protocol/signed'
import { sessionCalls } from '../../../services/host/session-calls'
import { roomView } from '../../../services/host/views'
import { MAX_REPORTS_HELD, MAX_REPORTS_OF_ONE, ReportList } from '../../../services/room/report-list'
import { ROOM, RoomWorld, UNPACED, type Viewer } from '../world/room-world'
import { pass, until } from '../world/virtual-clock'

let world: RoomWorld
/** A moderator, somebody who misbehaves, and two who look on. */
let mo: Viewer
let eve: Viewer
let tom: Viewer
let una: Viewer

async function enter(name: string, role?: Role): Promise<Viewer> {
  const person = await world.registrar.person(name)
  const grant = role ? await world.registrar.roleGrant(person, ROOM, role, world.clock.now()) : null
  return world.enter(person, {
    ...(role && { twitch: name.toLowerCase() }),
    role: async () => ({ role: role ?? null, grant, askAgainAt: Number.POSITIVE_INFINITY }),
  })
}

async function open(role: Role | undefined): Promise<void> {
  mo = await enter('MoMarten44', role)
  eve = await enter('EveEagle77')
  tom = await enter('TomTurtle55')
  una = await enter('UnaUrchin66')
  await until(world.clock, () => world.isWhole())
  if (role)
    await until(world.clock, () => [eve, tom, una].every(({ session }) => session.people.staff.length > 0))
}

const about = ({ person }: Viewer, more: Partial<ReportWish> = {}): ReportWish => ({
  account: person.accountId,
  name: person.name,
  reason: 'spam',
  words: '',
  ...more,
})
const shown = (viewer: Viewer) => roomView(viewer.session).reports
async function say(who: Viewer, text: string): Promise<void> {
  const before = tom.session.log.all.length
  await who.say(text)
  await until(world.clock, () => [mo, tom, una].every(({ session }) => session.log.all.length > before))
}

/** A report as `who` might make one, signed. */
async function made(who: Viewer, more: Partial<Report> = {}) {
  const report: Report = {
    v: 1,
    room: ROOM,
    device: who.person.device,
    ms: world.clock.now(),
    passport: who.world.credentials().passport,
    to: 'moderators',
    ...about(eve),
    messages: [],
    passports: [],
    ...more,
  }
  const bytes = encodeReport(report)
  return { bytes, sig: await signAs(who.person.signer, 'report', bytes) }
}
const toMo = () => [{ device: mo.person.device, key: mo.person.opener.key }]
/** As if it came over Tom's link. */
async function bring(signed: Awaited<ReturnType<typeof made>>) {
  return mo.session.reports.take(await sealReport(ROOM, signed, toMo()), tom.person.device)
}

beforeEach(async () => {
  world = await RoomWorld.create()
  world.pace = UNPACED
})
afterEach(() => world.close())

describe('a report in a room with a moderator', () => {
  beforeEach(() => open('moderator'))

  it('reaches them with what was said, by its author’s signatures, and nobody else', async () => {
    await say(eve, 'buy my coins')
    await say(tom, 'no')
    await say(eve, 'buy them now')
    expect(await tom.session.reports.report(about(eve, { words: 'again and again' }))).toEqual({
      to: 'moderators',
    })
    await until(world.clock, () => shown(mo).length === 1)
    expect(shown(mo)[0]).toMatchObject({
      by: { accountId: tom.person.accountId, name: 'TomTurtle55' },
      about: { accountId: eve.person.accountId, name: 'EveEagle77' },
      reason: 'spam',
      words: 'again and again',
      messages: [{ text: 'buy my coins' }, { text: 'buy them now' }],
      unproven: 0,
    })
    await pass(world.clock, 2_000, 100)
    expect([eve, tom, una].flatMap(({ session }) => session.reports.all)).toEqual([])
    expect(tom.toOperator).toEqual([])
    expect(mo.changes.some(({ t }) => t === 'reports')).toBe(true)
    mo.session.reports.dismiss(shown(mo)[0]?.id ?? '')
    expect(shown(mo)).toEqual([])
  })

  it('brings the newest ten messages, or as many as there is room for', async () => {
    for (let count = 0; count < 12; count += 1) await say(eve, `line ${count}`)
    await tom.session.reports.report(about(eve))
    await until(world.clock, () => shown(mo).length === 1)
    expect(shown(mo)[0]?.messages.map(({ text }) => text)).toEqual(
      Array.from({ length: MAX_REPORT_MESSAGES }, (_, index) => `line ${index + 2}`),
    )
    for (let count = 0; count < 10; count += 1) await say(eve, '語'.repeat(400) + count)
    await una.session.reports.report(about(eve, { words: '語'.repeat(300) }))
    await until(world.clock, () => shown(mo).length === 2)
    const said = shown(mo)[0]?.messages.map(({ text }) => text.slice(-1)) ?? []
    expect(said.length).toBeGreaterThan(0)
    expect(said.length).toBeLessThan(10)
    expect(said.at(-1)).toBe('9')
  })

  it('brings what is reported before anything newer, and does without what is gone', async () => {
    await say(eve, 'I will find you')
    const [threat] = tom.session.log.all
    for (let count = 0; count < 11; count += 1) await say(eve, `line ${count}`)
    await tom.session.reports.report(about(eve, { message: threat?.id }))
    await until(world.clock, () => shown(mo).length === 1)
    const lines = (from: number) => Array.from({ length: 11 - from }, (_, index) => `line ${index + from}`)
    const texts = () => shown(mo)[0]?.messages.map(({ text }) => text)
    expect(texts()).toEqual(['I will find you', ...lines(2)])
    for (let count = 0; count < 9; count += 1) await say(eve, '語'.repeat(400) + count)
    await una.session.reports.report(about(eve, { message: threat?.id, words: '語'.repeat(300) }))
    await until(world.clock, () => shown(mo).length === 2)
    expect(texts()?.[0]).toBe('I will find you')
    expect(texts()?.at(-1)).toMatch(/8$/)
    await say(una, 'hers')
    const hers = tom.session.log.all.at(-1)?.id
    await tom.session.reports.report(about(eve, { message: hers, reason: 'hate' }))
    await until(world.clock, () => shown(mo)[0]?.reason === 'hate')
    expect(shown(mo)[0]?.messages.length).toBeGreaterThan(0)
    expect(shown(mo)[0]?.unproven).toBe(0)
    expect(texts()).not.toContain('hers')
  })

  it('brings the passport of what is reported, whatever passports came after it', async () => {
    await say(eve, 'I will find you')
    const [threat] = tom.session.log.all
    for (const ver of [2, 3, 4]) {
      await eve.renew(`EveEagle7${ver}`, ver)
      await pass(world.clock, 2_000, 100)
      await say(eve, `as ${ver}`)
    }
    await tom.session.reports.report(about(eve, { message: threat?.id }))
    await until(world.clock, () => shown(mo).length === 1)
    expect(shown(mo)[0]).toMatchObject({
      messages: [{ text: 'I will find you' }, { text: 'as 4' }],
      unproven: 0,
    })
  })

  it('shows each message once, oldest first, whatever order they came in', async () => {
    for (const text of ['one', 'two', 'three']) await say(eve, text)
    const [one, two, three] = tom.session.log.all
    if (!one || !two || !three) throw new Error('nothing was said')
    const messages = [three, one, two, one, three].map(({ signed }) => signed)
    await bring(await made(tom, { messages, passports: [one.passport] }))
    expect(shown(mo)[0]).toMatchObject({
      messages: [one, two, three].map(({ body, time }) => ({ text: body, ms: time.ms })),
      unproven: 0,
    })
  })

  it('names whom it is about as passports do', async () => {
    const gone = await world.registrar.person('GoneGoose11')
    const name = 'UnaUrchin66\u2069\u202egnp'
    await bring(await made(tom, { account: gone.accountId, name }))
    expect(shown(mo)).toEqual([])
    const visitor = await world.enter(gone)
    await until(world.clock, () => tom.session.people.all.count === 5)
    await say(visitor, 'hi')
    const [hi] = tom.session.log.all
    if (!hi) throw new Error('nothing was said')
    const evidence = await evidenceIn(
      { room: ROOM, account: gone.accountId, messages: [hi.signed], passports: [hi.passport] },
      (jwt, ms) => mo.world.passports.verifyAt(jwt, ms),
    )
    expect(evidence.name).toBe('GoneGoose11')
  })

  it('is only for the room in which it was begun', async () => {
    const { report } = sessionCalls(() => tom.session)
    expect(await report(about(eve, { login: 'anotherchannel' }))).toEqual({ failed: 'invalid_request' })
    await pass(world.clock, 1_000, 100)
    expect(shown(mo)).toEqual([])
    expect(await report(about(eve, { login: 'somechannel' }))).toEqual({ to: 'moderators' })
    expect(await sessionCalls(() => undefined).report(about(eve))).toEqual({ failed: 'network' })
  })

  it('is not said to be sent when neighbours would not pass it on', async () => {
    const outcomes: unknown[] = []
    for (let count = 0; count <= REPORT_PACE.burst; count += 1)
      outcomes.push(await tom.session.reports.report(about(eve)))
    expect(outcomes).toEqual([
      ...Array(REPORT_PACE.burst).fill({ to: 'moderators' }),
      { failed: 'rate_limited' },
    ])
    await pass(world.clock, 1_000 / REPORT_PACE.perSecond + 1_000, 1_000)
    expect(await tom.session.reports.report(about(eve))).toEqual({ to: 'moderators' })
  })

  it('is not for the one whom it is about, though they moderate', async () => {
    expect(await tom.session.reports.report(about(mo))).toEqual({ to: 'operator' })
    expect(decodeReport(tom.toOperator[0]?.bytes ?? new Uint8Array())).toMatchObject({
      to: 'operator',
      account: mo.person.accountId,
    })
  })

  it('is about nobody’s own account', async () => {
    expect(await tom.session.reports.report(about(tom))).toEqual({ failed: 'invalid_request' })
  })

  it.each<[string, () => Promise<Awaited<ReturnType<typeof made>>>]>([
    ['signed by another device', async () => ({ ...(await made(una)), sig: (await made(tom)).sig })],
    ['under another’s passport', () => made(tom, { passport: una.world.credentials().passport })],
    ['for the operator', () => made(tom, { to: 'operator' })],
    ['too old', () => made(tom, { ms: world.clock.now() - MAX_REPORT_AGE_MS - 1 })],
    ['of another room', () => made(tom, { room: `${ROOM}x` as typeof ROOM })],
  ])('counts for nothing when it is %s, and blames nobody', async (_, make) => {
    expect(await bring(await make())).toBe('news')
    expect(shown(mo)).toEqual([])
    expect(await bring(await made(tom))).toBe('news')
    expect(shown(mo)).toHaveLength(1)
  })

  it('proves only what the reported account said here', async () => {
    await say(eve, 'mine')
    await say(una, 'hers')
    await say(eve, 'also mine')
    const [mine, hers, another] = tom.session.log.all
    if (!mine || !hers || !another) throw new Error('nothing was said')
    const forged = { ...another.signed, sig: hers.signed.sig }
    await bring(
      await made(tom, {
        messages: [mine.signed, hers.signed, forged],
        passports: [mine.passport, hers.passport],
      }),
    )
    expect(shown(mo)[0]).toMatchObject({ messages: [{ text: 'mine' }], unproven: 2 })
    const elsewhere = {
      room: `${ROOM}x` as typeof ROOM,
      account: eve.person.accountId,
      messages: [mine.signed],
      passports: [mine.passport],
    }
    expect(await evidenceIn(elsewhere, (jwt, ms) => mo.world.passports.verifyAt(jwt, ms))).toMatchObject({
      messages: [],
      unproven: 1,
    })
    const without = { room: ROOM, account: eve.person.accountId, messages: [mine.signed], passports: [] }
    expect(await evidenceIn(without, (jwt, ms) => mo.world.passports.verifyAt(jwt, ms))).toMatchObject({
      messages: [],
      unproven: 1,
    })
  })

  it('is passed on once, and by one link only so often', async () => {
    const sealed = await sealReport(ROOM, await made(tom), toMo())
    expect(await una.session.reports.take(sealed, tom.person.device)).toBe('news')
    expect(await una.session.reports.take(sealed, eve.person.device)).toBe('known')
    const outcomes: string[] = []
    for (let count = 0; count < REPORT_PACE.burst + 2; count += 1) {
      const another = await sealReport(ROOM, await made(tom), toMo())
      outcomes.push(await una.session.reports.take(another, eve.person.device))
    }
    expect(outcomes.filter((outcome) => outcome === 'news')).toHaveLength(REPORT_PACE.burst)
    expect(outcomes.at(-1)).toBe('useless')
  })

  it('comes of nobody whose account was revoked', async () => {
    world.room.revoke(
      await world.registrar.revocation({ accountId: una.person.accountId }, world.clock.now(), 5),
    )
    await until(world.clock, () => mo.session.people.all.count === 3)
    await bring(await made(una))
    expect(shown(mo)).toEqual([])
  })

  it('comes of nobody who is not linked, where only linked accounts take part', async () => {
    await bring(await made(una))
    expect(shown(mo)).toHaveLength(1)
    mo.session.reports.dismiss(shown(mo)[0]?.id ?? '')
    expect(await mo.session.standing.setLinkedOnly(true)).toBe(true)
    await pass(world.clock, 1_000, 100)
    await bring(await made(tom))
    expect(shown(mo)).toEqual([])
  })

  it('does not let one reporter fill the list', async () => {
    for (let count = 0; count < MAX_REPORTS_OF_ONE + 3; count += 1) {
      const { accountId } = await world.registrar.person(`Somebody${count}`)
      const signed = await made(tom, { account: accountId })
      await mo.session.reports.take(await sealReport(ROOM, signed, toMo()), eve.person.device)
      await pass(world.clock, 10_000, 1_000)
    }
    await bring(await made(una))
    const by = shown(mo).map((report) => report.by.name)
    expect(by.filter((name) => name === 'TomTurtle55')).toHaveLength(MAX_REPORTS_OF_ONE)
    expect(by[0]).toBe('UnaUrchin66')
  })

  it('opens for its addressees alone, and in its room alone, and fits into a frame', async () => {
    const full = await made(tom, { words: 'x'.repeat(300) })
    const many = Array.from({ length: 8 }, (_, index) => ({
      device: [mo, eve, tom, una][index % 4]?.person.device ?? mo.person.device,
      key: mo.person.opener.key,
    }))
    const filled = { bytes: new Uint8Array(6_144), sig: full.sig }
    expect(
      encodeFrame({ t: 'report', ...(await sealReport(ROOM, filled, many)) }).length,
    ).toBeLessThanOrEqual(MAX_FRAME_BYTES)
    const sealed = await sealReport(ROOM, full, toMo())
    expect(decodeFrame(encodeFrame({ t: 'report', ...sealed }))).toHaveProperty('frame')
    expect(await openReport(ROOM, sealed, una.person.device, una.person.opener)).toBeUndefined()
    await expect(openReport(ROOM, sealed, mo.person.device, una.person.opener)).rejects.toThrow()
    await expect(
      openReport(`${ROOM}x` as typeof ROOM, sealed, mo.person.device, mo.person.opener),
    ).rejects.toThrow()
    expect(await openReport(ROOM, sealed, mo.person.device, mo.person.opener)).toEqual(full)
  })
})

describe('a report where a moderator shows a key to which nothing can be sealed', () => {
  const broken = async () => {
    const person = await world.registrar.person('MoMarten44')
    const passport = world.registrar.passport.bind(world.registrar)
    world.registrar.passport = (who, ...rest) =>
      passport(
        who.accountId === person.accountId
          ? { ...who, opener: { ...person.opener, key: new Uint8Array(32) } }
          : who,
        ...rest,
      )
    const grant = await world.registrar.roleGrant(person, ROOM, 'moderator', world.clock.now())
    mo = await world.enter(person, {
      twitch: 'momarten44',
      role: async () => ({ role: 'moderator', grant, askAgainAt: Number.POSITIVE_INFINITY }),
    })
    eve = await enter('EveEagle77')
    tom = await enter('TomTurtle55')
  }

  it('reaches the others', async () => {
    await broken()
    una = await enter('UnaUrchin66', 'moderator')
    await until(world.clock, () => world.isWhole() && tom.session.people.staff.length === 2)
    expect(await tom.session.reports.report(about(eve))).toEqual({ to: 'moderators' })
    await until(world.clock, () => shown(una).length === 1)
  })

  it('goes to the operator if there are no others', async () => {
    await broken()
    await until(world.clock, () => world.isWhole() && tom.session.people.staff.length === 1)
    expect(await tom.session.reports.report(about(eve))).toEqual({ to: 'operator' })
    expect(decodeReport(tom.toOperator[0]?.bytes ?? new Uint8Array()).to).toBe('operator')
  })
})

describe('a report where a moderator does not show their name', () => {
  it('reaches them once they decided something', async () => {
    await open(undefined)
    const person = await world.registrar.person('HiddenHare22')
    const grant = await world.registrar.roleGrant(person, ROOM, 'moderator', world.clock.now())
    const hidden = await world.enter(person, {
      role: async () => ({ role: 'moderator', grant, askAgainAt: Number.POSITIVE_INFINITY }),
    })
    await until(world.clock, () => world.isWhole())
    expect(await tom.session.reports.report(about(eve))).toEqual({ to: 'operator' })
    expect(await hidden.session.standing.decide({ act: 'slow', seconds: 3 })).toBe(true)
    await until(world.clock, () => tom.session.rulings.all.length > 0)
    expect(tom.session.people.staff).toEqual([])
    expect(await tom.session.reports.report(about(eve))).toEqual({ to: 'moderators' })
    await until(world.clock, () => shown(hidden).length === 1)
  })
})

describe('the list of what was reported', () => {
  let count = 0
  const entry = (by: string, messages = 0): ReportView => {
    count += 1
    return {
      id: `${count}`,
      ms: count,
      by: { accountId: by as ReportView['by']['accountId'], name: by },
      about: { accountId: `${count}` as ReportView['by']['accountId'], name: 'x' },
      reason: 'spam',
      words: '',
      messages: Array(messages).fill({ text: 'hi', ms: 0 }),
      unproven: 0,
    }
  }

  it('is not emptied by a few reporters who say much', () => {
    const list = new ReportList()
    const real = entry('una')
    list.keep(real)
    for (let by = 0; by < 12; by += 1)
      for (let nth = 0; nth < MAX_REPORTS_OF_ONE; nth += 1) list.keep(entry(`sock ${by}`, 1))
    expect(list.all).toHaveLength(MAX_REPORTS_HELD)
    expect(list.all).toContain(real)
  })

  it('gives up what proves nothing before what does, and the oldest first', () => {
    const list = new ReportList()
    const proven = entry('una', 1)
    list.keep(proven)
    const [first, second] = [entry('first'), entry('second')]
    list.keep(first)
    list.keep(second)
    for (let by = 0; by < MAX_REPORTS_HELD - 2; by += 1) list.keep(entry(`by ${by}`))
    expect(list.all).toHaveLength(MAX_REPORTS_HELD)
    expect(list.all).toContain(proven)
    expect(list.all).toContain(second)
    expect(list.all).not.toContain(first)
  })
})

describe('a report in a room without moderators', () => {
  it('goes to the operator, signed, with what was said', async () => {
    await open(undefined)
    await say(eve, 'buy my coins')
    expect(await tom.session.reports.report(about(eve))).toEqual({ to: 'operator' })
    const report = decodeReport(tom.toOperator[0]?.bytes ?? new Uint8Array())
    expect(report).toMatchObject({ to: 'operator', account: eve.person.accountId, device: tom.person.device })
    const evidence = await evidenceIn(report, (jwt, ms) => mo.world.passports.verifyAt(jwt, ms))
    expect(evidence).toMatchObject({ messages: [{ text: 'buy my coins' }], unproven: 0 })
    await pass(world.clock, 1_000, 100)
    expect([mo, una].flatMap(({ session }) => session.reports.all)).toEqual([])
  })
})
