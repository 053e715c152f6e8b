import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MAX_TEXT_CODE_POINTS } from '../../../protocol/limits'
import { RoomWorld, UNPACED } from '../world/room-world'
import { pass, until } from '../world/virtual-clock'

let world: RoomWorld
beforeEach(async () => {
  world = await RoomWorld.create()
})
afterEach(() => world.close())

describe('members of a room', () => {
  it('find each other and talk both ways, under the names of their passports', async () => {
    const ada = await world.join('AdaOtter12')
    const ben = await world.join('BenHeron34')
    await until(world.clock, () => world.isWhole())
    await ada.say('hello')
    await until(world.clock, () => ben.texts().includes('hello'))
    await ben.say('hi Ada')
    await until(world.clock, () => ada.texts().includes('hi Ada'))
    expect(ada.texts()).toEqual(['hello', 'hi Ada'])
    expect(ben.session.log.all.map(({ name }) => name)).toEqual(['AdaOtter12', 'BenHeron34'])
  })

  it('see a third arrive and leave', async () => {
    const ada = await world.join('AdaOtter12')
    const ben = await world.join('BenHeron34')
    await until(world.clock, () => world.isWhole())
    world.clock.advance(5)
    const cleo = await world.join('CleoLynx56')
    await until(world.clock, () => world.isWhole())
    void cleo.session.leave()
    await until(world.clock, () => [ada, ben].every(({ session }) => session.people.all.count === 2))
    for (const { changes } of [ada, ben]) {
      const moves = changes.flatMap((change) =>
        change.t === 'membership' ? [`${change.membership.kind} ${change.membership.name}`] : [],
      )
      expect(moves.filter((move) => move.endsWith('CleoLynx56'))).toEqual([
        'arrived CleoLynx56',
        'left CleoLynx56',
      ])
    }
    // Whoever was there before did not arrive before the newcomer's eyes.
    expect(cleo.changes.filter(({ t }) => t === 'membership')).toEqual([])
  })

  it('hear a goodbye before the links close', async () => {
    const ada = await world.join('AdaOtter12')
    const ben = await world.join('BenHeron34')
    await until(world.clock, () => world.isWhole())
    void ben.session.leave()
    await pass(world.clock, 1_000)
    expect(ada.session.people.all.members).toHaveLength(1)
    expect(ada.session.linkCount).toBe(0)
  })

  it('notice a member whose cable was cut', async () => {
    const ada = await world.join('AdaOtter12')
    await world.join('BenHeron34')
    await until(world.clock, () => world.isWhole())
    world.room.crash()
    for (const link of world.network.links) link.isCut = true
    await pass(world.clock, 60_000, 500)
    expect(ada.session.linkCount).toBe(0)
    expect(ada.session.people.all.members.map(({ name }) => name)).toEqual(['AdaOtter12'])
  })

  it('go on without the room object', async () => {
    const ada = await world.join('AdaOtter12')
    const ben = await world.join('BenHeron34')
    await until(world.clock, () => world.isWhole())
    world.room.crash()
    expect(ada.session.hasServer).toBe(false)
    await ada.say('still here')
    await until(world.clock, () => ben.texts().includes('still here'))
    world.room.isDown = false
    await until(world.clock, () => ada.session.hasServer && ben.session.hasServer)
    await world.join('CleoLynx56')
    await until(world.clock, () => world.isWhole())
  })

  it('keep the order of what one of them says at once, however slow the database is', async () => {
    world.pace = UNPACED
    const ada = await world.join('AdaOtter12')
    const ben = await world.join('BenHeron34')
    await until(world.clock, () => world.isWhole())
    const texts = Array.from({ length: 200 }, (_, index) => `line ${index}`)
    await Promise.all(texts.map((text) => ada.say(text)))
    await until(world.clock, () => ben.texts().length === texts.length)
    expect(ben.texts()).toEqual(texts)
    expect(ada.texts()).toEqual(texts)
  })

  it('of a room larger than a full mesh all hear what one says, with bounded links', async () => {
    for (let index = 0; index < 14; index++) await world.join(`Viewer${index + 10}`)
    await until(
      world.clock,
      () => world.viewers.every(({ session }) => session.people.all.count === 14),
      'all known',
    )
    // Newcomers push older links out: until that has settled, a frame may be on a link that closes.
    await pass(world.clock, 5_000)
    await world.viewers[3]?.say('to everyone')
    await until(world.clock, () => world.viewers.every((viewer) => viewer.texts().includes('to everyone')))
    await until(world.clock, () => world.viewers.every(({ session }) => session.linkCount <= 8))
    for (const { texts } of world.viewers) expect(texts()).toEqual(['to everyone'])
  })

  it('cannot say what is empty or too long', async () => {
    const ada = await world.join('AdaOtter12')
    for (const text of ['', '  \n', 'x'.repeat(MAX_TEXT_CODE_POINTS + 1), '\ud800'])
      expect(await ada.say(text)).toBe('text-not-allowed')
    await ada.say('x'.repeat(MAX_TEXT_CODE_POINTS))
    await until(world.clock, () => ada.texts().length === 1)
  })
})
