import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encodeFrame } from '../../../protocol/frames'
import { encodeMessage } from '../../../protocol/message'
import { encodePresence } from '../../../protocol/presence'
import { signAs } from '../../../protocol/signed'
import type { MemoryLink } from '../world/memory-links'
import { Registrar } from '../world/registrar'
import { ROOM, RoomWorld, type Viewer } from '../world/room-world'
import { pass, until } from '../world/virtual-clock'

let world: RoomWorld
let ada: Viewer
let ben: Viewer
let mallory: Viewer

beforeEach(async () => {
  world = await RoomWorld.create()
  ada = await world.join('AdaOtter12')
  ben = await world.join('BenHeron34')
  mallory = await world.join('MalloryMink22')
  await until(world.clock, () => world.isWhole())
})
afterEach(() => world.close())

const noticesOf = ({ changes }: Viewer) =>
  changes.flatMap((change) =>
    change.t === 'membership' ? [`${change.membership.kind} ${change.membership.name}`] : [],
  )
const isGoneFor = ({ session }: Viewer, gone = mallory) =>
  session.people.member(gone.person.device) === undefined && session.linkCount === 1
const revocationOf = ({ person }: Viewer, ver = 1) =>
  world.registrar.revocation(person, world.clock.now(), ver)

function linkFrom(one: Viewer, other: Viewer): MemoryLink {
  const link = world.network.linkBetween(one.links, other.links)
  if (!link) throw new Error('not linked')
  return link
}

async function messageOf({ person }: Viewer, body: string, ms = world.clock.now(), seq = 0) {
  const time = { ms, count: 0 }
  const bytes = encodeMessage({ v: 1, room: ROOM, device: person.device, seq, time, kind: 'say', body })
  return encodeFrame({ t: 'message', bytes, sig: await signAs(person.signer, 'message', bytes) })
}

describe('a device that is ended', () => {
  it('is gone from everybody within seconds, though the room object reaches only one of them', async () => {
    world.room.revoke(await revocationOf(mallory), [ada.person.device])
    await until(world.clock, () => isGoneFor(ada) && isGoneFor(ben))
    expect(mallory.session.linkCount).toBe(0)
    for (const viewer of [ada, ben]) expect(noticesOf(viewer)).toEqual(['left MalloryMink22'])
    // It goes on trying, with the passport it has; nobody links with it or lists it again.
    await pass(world.clock, 30_000, 500)
    expect(isGoneFor(ada) && isGoneFor(ben)).toBe(true)
    expect(mallory.session.linkCount).toBe(0)
    await ada.say('among ourselves')
    await until(world.clock, () => ben.texts().includes('among ourselves'))
    expect(mallory.texts()).toEqual([])
  })

  it('asks who it is now', async () => {
    world.room.revoke(await revocationOf(mallory))
    await until(world.clock, () => mallory.outdated > 0)
    expect(ada.outdated + ben.outdated).toBe(0)
  })

  it('is refused by newcomers whom only a neighbour told', async () => {
    // Nor does it know of it itself: it would be silent.
    world.room.revoke(await revocationOf(mallory), [ada.person.device])
    await until(world.clock, () => isGoneFor(ada) && isGoneFor(ben))
    world.room.forgetRevocations()
    const cleo = await world.join('CleoLynx56')
    await until(world.clock, () => cleo.session.linkCount >= 2)
    await pass(world.clock, 5_000)
    expect(cleo.session.people.all.members.map(({ name }) => name).sort()).toEqual([
      'AdaOtter12',
      'BenHeron34',
      'CleoLynx56',
    ])
  })

  it('cannot speak or be here again with its old passport', async () => {
    const passport = await world.registrar.passport(mallory.person, world.clock.now())
    world.room.revoke(await revocationOf(mallory))
    await until(world.clock, () => isGoneFor(ada) && isGoneFor(ben))
    // Its accomplice is linked, and passes on what it says.
    const wire = linkFrom(ben, ada)
    const now = world.clock.now()
    const bytes = encodePresence({
      v: 1,
      room: ROOM,
      device: mallory.person.device,
      ms: now,
      since: now,
      state: 'here',
      direct: true,
      passport,
    })
    const sig = await signAs(mallory.person.signer, 'presence', bytes)
    wire.send(encodeFrame({ t: 'presence', bytes, sig }))
    wire.send(await messageOf(mallory, 'boo'))
    await until(world.clock, () => ada.session.faults.has('unknown-author'))
    expect(ada.session.faults.get('revoked')).toBe(1)
    expect(ada.texts()).toEqual([])
    // Whoever passed it on in good faith keeps the link.
    expect(ada.session.linkCount).toBe(1)
  })

  it('may sign in again with the same key, and be told apart from before', async () => {
    const old = await revocationOf(mallory, 1)
    world.room.revoke(old)
    await until(world.clock, () => isGoneFor(ada) && isGoneFor(ben))
    await mallory.renew('MalloryMink22', 2)
    await until(world.clock, () => world.isWhole())
    // The old word comes once more, from the room object and from a neighbour.
    world.room.revoke(old)
    linkFrom(ben, ada).send(encodeFrame({ t: 'revoked', revocations: [old] }))
    await pass(world.clock, 5_000)
    expect(world.isWhole()).toBe(true)
    expect(mallory.outdated).toBe(1)
    await mallory.say('hello again')
    await until(world.clock, () => ada.texts().includes('hello again'))
  })

  it('leaves what it said before, and takes with it what it said since', async () => {
    await mallory.say('honest')
    await until(world.clock, () => [ada, ben].every((viewer) => viewer.texts().includes('honest')))
    await pass(world.clock, 2_000)
    const revocation = await revocationOf(mallory)
    await pass(world.clock, 2_000)
    await mallory.say('too late')
    await until(world.clock, () => [ada, ben].every((viewer) => viewer.texts().includes('too late')))
    world.room.revoke(revocation, [ada.person.device])
    await until(world.clock, () => isGoneFor(ada) && isGoneFor(ben))
    for (const { texts } of [ada, ben]) expect(texts()).toEqual(['honest'])
    const cleo = await world.join('CleoLynx56')
    await until(world.clock, () => cleo.texts().length > 0)
    // Whatever else the logs are compared over, it does not come back.
    await pass(world.clock, 150_000, 1_000)
    for (const { texts } of [ada, ben, cleo]) expect(texts()).toEqual(['honest'])
    expect(ada.archive.messages.map(({ body }) => body)).toEqual(['honest'])
  })
})

describe('an account that is deleted or suspended', () => {
  it('is gone with all its devices, quietly told once', async () => {
    const other = await world.enter(await world.registrar.deviceOf(mallory.person))
    await until(world.clock, () => [ada, ben].every(({ session }) => session.linkCount === 3))
    await pass(world.clock, 1_000)
    const { accountId } = mallory.person
    world.room.revoke(await world.registrar.revocation({ accountId }, world.clock.now()), [ben.person.device])
    await until(world.clock, () => isGoneFor(ada) && isGoneFor(ben))
    for (const viewer of [ada, ben]) {
      expect(isGoneFor(viewer, other)).toBe(true)
      expect(noticesOf(viewer)).toEqual(['ended MalloryMink22'])
    }
    world.room.revoke(await world.registrar.revocation({ accountId }, world.clock.now(), 2))
    await until(world.clock, () => other.outdated > 0 && mallory.outdated > 0)
  })
})

describe('whoever forges a revocation', () => {
  it('harms nobody but the own link', async () => {
    const forger = await Registrar.open()
    const wire = linkFrom(mallory, ben)
    for (const victim of [ada, ben]) {
      const forged = await forger.revocation(victim.person, world.clock.now(), 99)
      wire.send(encodeFrame({ t: 'revoked', revocations: [forged] }))
    }
    wire.send(encodeFrame({ t: 'revoked', revocations: ['a.b.c'] }))
    await until(world.clock, () => (ben.session.faults.get('bad-revocation') ?? 0) >= 3)
    await until(world.clock, () => !wire.isOpen)
    expect(ben.session.people.member(ada.person.device)).toBeDefined()
    expect(ada.session.faults.has('bad-revocation')).toBe(false)
    expect(linkFrom(ada, ben).isOpen).toBe(true)
  })
})
