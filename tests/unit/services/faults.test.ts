import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RoomWorld, type Viewer } from '../world/room-world'
import { pass, until } from '../world/virtual-clock'

let world: RoomWorld
beforeEach(async () => {
  world = await RoomWorld.create()
})
afterEach(() => world.close())

const moves = (viewer: Viewer) => viewer.changes.filter(({ t }) => t === 'membership')
/** A signal that is not answered soon goes another way, too: on a busy machine that is soon. */
const offences = (viewer: Viewer) => [...viewer.session.faults.keys()].filter((fault) => fault !== 'replayed')

describe('a room in trouble', () => {
  it('loses nobody and no word when links break again and again', async () => {
    for (const name of ['AdaOtter12', 'BenHeron34', 'CleoLynx56', 'DanMink78']) await world.join(name)
    await until(world.clock, () => world.isWhole())
    for (let round = 0; round < 12; round++) {
      world.network.links.find(({ isOpen }) => isOpen)?.close()
      await pass(world.clock, 6_000, 200)
      for (const viewer of world.viewers) await viewer.say(`${viewer.person.name} ${round}`)
    }
    await until(world.clock, () => world.viewers.every((viewer) => viewer.texts().length === 48), 'all heard')
    for (const viewer of world.viewers) {
      expect(moves(viewer)).toEqual(
        moves(viewer).filter((move) => 'membership' in move && move.membership.kind === 'arrived'),
      )
      expect(offences(viewer)).toEqual([])
    }
  })

  it('in which one pair can never link is whole all the same', async () => {
    const ada = await world.join('AdaOtter12')
    const ben = await world.join('BenHeron34')
    const cleo = await world.join('CleoLynx56')
    await until(world.clock, () => world.isWhole())
    const pair = new Set([ada.person.device, ben.person.device])
    world.room.tamper = (data, from, to) => (pair.has(from) && pair.has(to) ? undefined : data)
    for (const link of world.network.links) if (link.isOpen) link.close()
    await pass(world.clock, 90_000, 200)
    for (let line = 0; line < 20; line++) {
      await ada.say(`ada ${line}`)
      await ben.say(`ben ${line}`)
      await pass(world.clock, 3_000, 200)
    }
    for (const { session, texts } of [ada, ben, cleo]) {
      expect(texts()).toHaveLength(40)
      expect(session.people.all.members).toHaveLength(3)
    }
  })

  it('comes together again within seconds after everything was gone for a moment', async () => {
    await world.join('AdaOtter12')
    await world.join('BenHeron34')
    await until(world.clock, () => world.isWhole())
    world.room.crash()
    for (const link of world.network.links) if (link.isOpen) link.close()
    await pass(world.clock, 3_000, 100)
    world.room.isDown = false
    const backAt = world.clock.now()
    await until(world.clock, () => world.isWhole(), 'whole again')
    expect(world.clock.now() - backAt).toBeLessThan(40_000)
  })

  it.each([-3_600_000, -300_000, 300_000, 3_600_000])(
    'is no trouble for a viewer whose clock is %i ms ahead',
    async (skew) => {
      const ada = await world.join('AdaOtter12')
      const ben = await world.join('BenHeron34', skew)
      await until(world.clock, () => world.isWhole())
      await ben.say('what time is it?')
      await ada.say('the same as everywhere')
      await until(world.clock, () => [ada, ben].every(({ texts }) => texts().length === 2))
    },
  )

  it('grows beyond a full mesh without anybody seeming to leave', async () => {
    for (let index = 0; index < 20; index++) await world.join(`Viewer${index + 10}`)
    await until(
      world.clock,
      () => world.viewers.every(({ session }) => session.people.all.count === 20),
      'all known',
    )
    for (let round = 0; round < 10; round++) {
      await pass(world.clock, 3_000, 25)
      for (const viewer of world.viewers) await viewer.say(`${viewer.person.name} ${round}`)
    }
    await until(
      world.clock,
      () => world.viewers.every((viewer) => viewer.texts().length === 200),
      'all heard',
    )
    for (const viewer of world.viewers) {
      expect(
        viewer.changes.filter((change) => change.t === 'membership' && change.membership.kind === 'left'),
      ).toEqual([])
      expect(viewer.session.linkCount).toBeLessThanOrEqual(9)
    }
  }, 30_000)
})
