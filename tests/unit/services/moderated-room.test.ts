import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encodeFrame } from '../../../protocol/frames'
import type { Decision } from '../../../protocol/host-port'
import { encodeMessage, type SignedBytes } from '../../../protocol/message'
import type { Role } from '../../../protocol/role'
import { type Act, encodeRuling } from '../../../protocol/ruling'
import { signAs } from '../../../protocol/signed'
import { personView, roomView } from '../../../services/host/views'
import { MemoryArchive } from '../world/memory-archive'
import { ROOM, RoomWorld, type Viewer } from '../world/room-world'
import { pass, until } from '../world/virtual-clock'

let world: RoomWorld
/** The broadcaster, a moderator, somebody who misbehaves, and somebody who only looks on. */
let bea: Viewer
let mo: Viewer
let eve: Viewer
let tom: Viewer

beforeEach(async () => {
  world = await RoomWorld.create()
  bea = await enter('BeaBadger11', 'broadcaster')
  mo = await enter('MoMarten44', 'moderator')
  eve = await enter('EveEagle77')
  tom = await enter('TomTurtle55')
  await until(world.clock, () => world.isWhole())
  await until(world.clock, () => [bea, mo].every(({ session }) => session.standing.mayRule))
})
afterEach(() => world.close())

async function enter(name: string, role?: Role, archive = new MemoryArchive()): Promise<Viewer> {
  const person = await world.registrar.person(name)
  const grant = role ? await world.registrar.roleGrant(person, ROOM, role, world.clock.now()) : null
  return world.enter(person, {
    archive,
    ...(role && { twitch: name.toLowerCase() }),
    role: async () => ({ role: role ?? null, grant, askAgainAt: Number.POSITIVE_INFINITY }),
  })
}

/** One after the other: what is said at the same time is sorted by device. */
async function say(who: Viewer, text: string): Promise<void> {
  await who.say(text)
  await pass(world.clock, 40, 10)
}

const about = ({ person }: Viewer) => ({ account: person.accountId, name: person.name })
const decide = async (who: Viewer, decision: Decision) =>
  expect(await who.session.moderate(decision)).toBe(true)
const shown = ({ session }: Viewer) => roomView(session).messages.map(({ text }) => text)
const everywhere = (texts: string[], who = [bea, mo, tom]) =>
  until(world.clock, () => who.every((viewer) => JSON.stringify(shown(viewer)) === JSON.stringify(texts)))
const idOf = (text: string) => bea.session.log.all.find(({ body }) => body === text)?.id ?? ''
const isOut = ({ session, person }: Viewer, of = bea) =>
  session.linkCount === 0 && of.session.people.member(person.device) === undefined

async function rulingOf(who: Viewer, act: Act, role: Role, ms = world.clock.now()): Promise<SignedBytes> {
  const { signer, device } = who.person
  const grant = await world.registrar.roleGrant(who.person, ROOM, role, world.clock.now())
  const { passport } = who.world.credentials()
  const bytes = encodeRuling({ v: 1, room: ROOM, device, ms, passport, role: grant, ...act })
  return { bytes, sig: await signAs(signer, 'ruling', bytes) }
}

describe('a room that is moderated', () => {
  it('has nothing left of what somebody said who is banned, lets them in no more, and tells them why', async () => {
    await say(eve, 'buy my coins')
    await say(tom, 'hello')
    await everywhere(['buy my coins', 'hello'])
    await decide(mo, { act: 'ban', ...about(eve) })
    await everywhere(['hello'])
    await until(world.clock, () => [bea, mo, tom].every((viewer) => isOut(eve, viewer)))
    expect(roomView(eve.session).rules.bar).toEqual({ kind: 'ban', until: null, by: 'MoMarten44' })
    expect(eve.session.standing.barrier).toBe('barred')
    await say(eve, 'let me in')
    await pass(world.clock, 30_000, 500)
    expect(eve.session.outbox.view).toMatchObject([{ text: 'let me in', state: 'barred' }])
    expect(isOut(eve)).toBe(true)
    // Nor is it on anybody's disk.
    await pass(world.clock, 3_000, 500)
    for (const { archive } of [bea, mo, tom])
      expect(archive.messages.map(({ body }) => body)).not.toContain('buy my coins')
    expect([...bea.session.faults.keys()].filter((fault) => fault === 'bad-signature')).toEqual([])
    // Undone, she comes back, and what was said before stays out.
    await decide(mo, { act: 'unban', ...about(eve) })
    await until(world.clock, () => eve.session.hasServer, 'let in', 500)
    await until(world.clock, () => !isOut(eve), 'back', 20)
    await everywhere(['hello', 'let me in'], [bea, mo, tom])
  })

  it('takes nothing of who is timed out until then, however it is stamped, and keeps what they write', async () => {
    await say(eve, 'first')
    await everywhere(['first'])
    const heard = world.clock.now()
    await decide(bea, { act: 'timeout', ...about(eve), ms: 60_000 })
    await until(world.clock, () => eve.session.standing.bar !== undefined)
    expect(eve.session.linkCount).toBe(3)
    await until(world.clock, () => personView(tom.session, eve.person.accountId)?.bar?.by === 'broadcaster')
    // A browser that is not honest says it all the same, and back-dates it.
    for (const [seq, ms] of [
      [1, world.clock.now()],
      [2, heard],
    ] as const) {
      const bytes = encodeMessage({
        v: 1,
        room: ROOM,
        device: eve.person.device,
        seq,
        time: { ms, count: 9 },
        kind: 'say',
        body: `sneaky ${seq}`,
      })
      const sig = await signAs(eve.person.signer, 'message', bytes)
      world.network.linkBetween(eve.links, tom.links)?.send(encodeFrame({ t: 'message', bytes, sig }))
    }
    await say(eve, 'later, then')
    await pass(world.clock, 20_000, 500)
    expect(tom.texts()).toEqual(['first'])
    expect(eve.session.outbox.view).toMatchObject([{ state: 'barred' }])
    await pass(world.clock, 45_000, 500)
    await everywhere(['first', 'later, then'])
  })

  it('shows that a message was deleted, without its words, also to who comes later and after a reload', async () => {
    await say(eve, 'rude')
    await say(tom, 'oh')
    await everywhere(['rude', 'oh'])
    const at = bea.session.log.get(bea.session.log.all[0]?.id as never)?.time.ms
    await decide(mo, { act: 'delete', message: idOf('rude') })
    await everywhere(['oh'])
    const late = await enter('LateLemur66')
    await until(world.clock, () => roomView(late.session).acts.length === 1 && shown(late).length === 1)
    expect(roomView(late.session).acts).toMatchObject([
      { act: 'delete', by: 'MoMarten44', target: { name: 'EveEagle77' }, at },
    ])
    await pass(world.clock, 3_000, 500)
    const disk = world.kill(tom)
    expect(JSON.stringify(disk.messages.map(({ body }) => body))).toBe('["oh"]')
    expect(disk.keptRulings).toHaveLength(1)
    // Alone, without anybody who could tell it.
    world.room.isDown = true
    const again = await world.enter(tom.person, { archive: disk })
    await until(world.clock, () => roomView(again.session).acts.length === 1 && shown(again).length === 1)
    expect(roomView(again.session).acts).toMatchObject([{ act: 'delete' }])
    world.room.isDown = false
  })

  it('is slow for everybody but who has a role, and quick again', async () => {
    await decide(bea, { act: 'slow', seconds: 30 })
    await until(world.clock, () => roomView(eve.session).rules.slow === 30)
    await say(eve, 'one')
    await say(eve, 'two')
    await everywhere(['one'])
    expect(eve.session.outbox.view).toMatchObject([{ text: 'two', state: 'pace' }])
    await pass(world.clock, 10_000, 500)
    expect(shown(tom)).toEqual(['one'])
    // A browser that does not wait is not seen.
    const bytes = encodeMessage({
      v: 1,
      room: ROOM,
      device: tom.person.device,
      seq: 0,
      time: { ms: world.clock.now(), count: 0 },
      kind: 'say',
      body: 'a',
    })
    const more = encodeMessage({
      v: 1,
      room: ROOM,
      device: tom.person.device,
      seq: 1,
      time: { ms: world.clock.now() + 1, count: 0 },
      kind: 'say',
      body: 'b',
    })
    for (const one of [bytes, more])
      world.network
        .linkBetween(tom.links, bea.links)
        ?.send(
          encodeFrame({ t: 'message', bytes: one, sig: await signAs(tom.person.signer, 'message', one) }),
        )
    // What is stamped in the same millisecond is sorted by device.
    await pass(world.clock, 200, 20)
    await say(mo, 'moderators')
    await say(mo, 'do not wait')
    await everywhere(['one', 'a', 'moderators', 'do not wait'], [bea, mo, eve])
    await pass(world.clock, 21_000, 500)
    await everywhere(['one', 'a', 'moderators', 'do not wait', 'two'], [bea, mo, eve])
    await decide(bea, { act: 'slow', seconds: 0 })
    await until(world.clock, () => roomView(eve.session).rules.slow === 0)
    await say(eve, 'three')
    await say(eve, 'four')
    await until(world.clock, () => shown(bea).includes('four'))
  })

  it('can be cleared', async () => {
    await say(eve, 'one')
    await say(tom, 'two')
    await everywhere(['one', 'two'])
    await decide(bea, { act: 'clear' })
    await everywhere([], [bea, mo, tom, eve])
    await say(tom, 'three')
    await everywhere(['three'], [bea, mo, tom, eve])
  })

  it('is not for everybody to decide about, nor moderators about each other', async () => {
    await say(eve, 'one')
    await everywhere(['one'])
    expect(await eve.session.moderate({ act: 'ban', ...about(tom) })).toBe(false)
    for (const target of [bea, mo])
      expect(await mo.session.moderate({ act: 'ban', ...about(target) })).toBe(false)
    expect(await bea.session.moderate({ act: 'ban', ...about(bea) })).toBe(false)
    expect(await mo.session.moderate({ act: 'delete', message: 'nothing' })).toBe(false)
    // By her own hand, with the grant of somebody else's room, and with none.
    for (const role of ['moderator', 'broadcaster'] as const) {
      const forged = await rulingOf(eve, { act: 'ban', ...about(tom), heard: [] }, role)
      const [link] = [world.network.linkBetween(eve.links, bea.links)]
      const wrong = {
        bytes: forged.bytes.map((byte, at) => (at === forged.bytes.length - 3 ? byte ^ 1 : byte)),
        sig: forged.sig,
      }
      link?.send(encodeFrame({ t: 'ruling', ...wrong }))
    }
    await pass(world.clock, 2_000, 500)
    expect(bea.session.rulings.all).toEqual([])
    expect(bea.session.faults.size).toBeGreaterThan(0)
  })

  it('undoes what a moderator’s browser decides about the broadcaster all the same', async () => {
    await say(bea, 'my channel')
    await everywhere(['my channel'], [mo, tom])
    const coup = await rulingOf(mo, { act: 'ban', ...about(bea), heard: [] }, 'moderator')
    world.network.linkBetween(mo.links, tom.links)?.send(encodeFrame({ t: 'ruling', ...coup }))
    await until(
      world.clock,
      () => tom.session.rulings.all.some(({ ruling }) => ruling.act === 'staff'),
      'shown',
      1_000,
    )
    await until(
      world.clock,
      () => [mo, tom, eve].every(({ session }) => session.people.member(bea.person.device)),
      'back',
      1_000,
    )
    expect(bea.session.standing.barrier).toBeUndefined()
    // While the broadcaster may ban a moderator.
    await decide(bea, { act: 'ban', ...about(mo) })
    await until(world.clock, () => isOut(mo))
  })

  it('tells newcomers all of it, more than anybody’s pace allows at once', async () => {
    const names = Array.from({ length: 70 }, (_, n) => `Troll${String.fromCharCode(97 + (n % 26))}${n}`)
    for (const [n, name] of names.entries()) {
      const account = about(await fake(n)).account
      if (n > 0 && n % 50 === 0) await pass(world.clock, 60_000, 5_000)
      await decide(mo, { act: 'ban', account, name })
    }
    const count = () => bea.session.rulings.all.length
    await until(world.clock, () => count() === 70)
    world.room.isForgetful = true
    const late = await enter('LateLemur66')
    await until(world.clock, () => late.session.rulings.all.length === 70, 'told')
    expect([...late.session.faults.keys()].filter((fault) => fault !== 'unknown-author')).toEqual([])
  })
})

const fake = async (n: number) => ({ person: await world.registrar.person(`Fake${n}x`) }) as Viewer
