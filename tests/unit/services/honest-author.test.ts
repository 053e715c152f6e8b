import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LoggedMessage } from '../../../services/log/logged-message'
import { Author } from '../../../services/room/author'
import { ROOM, RoomWorld, type Viewer } from '../world/room-world'
import { pass, SkewedClock, until } from '../world/virtual-clock'

const HOUR_MS = 3_600_000

let world: RoomWorld
beforeEach(async () => {
  world = await RoomWorld.create()
})
afterEach(() => world.close())

/** From now on the machine's clock is this far ahead (ms), until the Worker's word corrects it. */
function skew({ world: { clock } }: Viewer, ms: number): void {
  if (clock instanceof SkewedClock) clock.correct(world.clock.now() + ms)
}

const isVoidAnywhere = (viewer: Viewer) =>
  world.viewers.some(({ session }) => session.log.isVoid(viewer.person.device))

/** Lets the Worker's word correct the clock. */
async function correct(viewer: Viewer): Promise<void> {
  viewer.session.reconnectNow()
  await until(world.clock, () => viewer.session.hasServer)
  await pass(world.clock, 500)
}

describe('an honest viewer whose clock is wrong', () => {
  it('is not void when what waited is said before the first word of the Worker tells that it is late', async () => {
    const ada = await world.join('AdaOtter12')
    const ben = await world.join('BenHeron34')
    await until(world.clock, () => world.isWhole())
    await ada.say('yesterday')
    await until(world.clock, () => ben.texts().length === 1)
    const archive = world.kill(ada)
    archive.entries.push({ key: crypto.randomUUID(), text: 'typed offline', ms: world.clock.now() })
    await world.enter(ada.person, { archive, skew: -2 * HOUR_MS })
    await until(world.clock, () => ben.texts().length === 2, 'said', 100)
    expect(ben.texts()).toEqual(['yesterday', 'typed offline'])
    expect(isVoidAnywhere(ada)).toBe(false)
  })

  it('is not void when the clock is set back in the middle of a visit', async () => {
    const ada = await world.join('AdaOtter12')
    const ben = await world.join('BenHeron34')
    await until(world.clock, () => world.isWhole())
    await ada.say('before')
    await until(world.clock, () => ben.texts().length === 1)
    skew(ada, -HOUR_MS / 2)
    await ada.say('meanwhile')
    await pass(world.clock, 1_000)
    expect(isVoidAnywhere(ada)).toBe(false)
    await correct(ada)
    await until(world.clock, () => ben.texts().length === 2, 'said', 100)
    expect(isVoidAnywhere(ada)).toBe(false)
  })

  it('is not void when an earlier run stored something from an hour ahead', async () => {
    const ada = await world.join('AdaOtter12')
    await until(world.clock, () => ada.session.hasServer)
    await pass(world.clock, 500)
    skew(ada, HOUR_MS)
    await ada.say('ahead')
    await until(world.clock, () => ada.texts().length === 1)
    const archive = world.kill(ada)
    const again = await world.enter(ada.person, { archive })
    const ben = await world.join('BenHeron34')
    await again.say('now')
    await until(world.clock, () => ben.texts().includes('now'), 'said', 100)
    expect(isVoidAnywhere(ada)).toBe(false)
  })

  it('is not void either when that is read after the time is known', async () => {
    const ada = await world.join('AdaOtter12')
    await until(world.clock, () => ada.session.hasServer)
    await pass(world.clock, 500)
    skew(ada, HOUR_MS)
    await ada.say('ahead')
    await until(world.clock, () => ada.texts().length === 1)
    const archive = world.kill(ada)
    const page = archive.page.bind(archive)
    const { promise, resolve } = Promise.withResolvers<void>()
    archive.page = async (before, limit) => {
      await promise
      return page(before, limit)
    }
    const again = await world.enter(ada.person, { archive })
    const ben = await world.join('BenHeron34')
    await until(world.clock, () => world.isWhole())
    resolve()
    await again.say('now')
    await until(world.clock, () => ben.texts().includes('now'), 'said', 100)
    expect(isVoidAnywhere(ada)).toBe(false)
  })

  it('says nothing by a clock that is ahead until the Worker has told the time', async () => {
    const ben = await world.join('BenHeron34')
    const ada = await world.join('AdaOtter12', HOUR_MS)
    await ada.say('hello')
    await until(world.clock, () => ben.texts().length === 1, 'said', 100)
    expect(ada.texts()).toEqual(['hello'])
  })

  it('does not lose what it said an hour ahead of time', async () => {
    const ada = await world.join('AdaOtter12')
    const ben = await world.join('BenHeron34')
    await until(world.clock, () => world.isWhole())
    skew(ada, HOUR_MS)
    await ada.say('ahead')
    await until(world.clock, () => ada.texts().length === 1)
    await correct(ada)
    expect(ada.session.outbox.view).toMatchObject([{ text: 'ahead', state: 'refused', refused: 'too-late' }])
    ada.session.outbox.sayAgain(ada.session.outbox.view[0]?.key ?? '')
    await until(world.clock, () => ben.texts().length === 1, 'said', 100)
    expect(ada.texts()).toEqual(['ahead'])
    expect(isVoidAnywhere(ada)).toBe(false)
  })

  it('keeps the pace after part of a burst was stamped an hour ahead', async () => {
    const ada = await world.join('AdaOtter12')
    const ben = await world.join('BenHeron34')
    await until(world.clock, () => world.isWhole())
    for (let n = 0; n < 15; n++) await ada.say(`line ${n}`)
    await until(world.clock, () => ben.texts().length === 15)
    skew(ada, HOUR_MS)
    for (let n = 0; n < 5; n++) await ada.say(`ahead ${n}`)
    await until(world.clock, () => ada.texts().length === 20)
    await correct(ada)
    await ada.say('after')
    await until(world.clock, () => ben.texts().includes('after'), 'said', 100)
    expect(isVoidAnywhere(ada)).toBe(false)
  })

  it('is not void by a member whose clock is some seconds ahead of the right time', async () => {
    const ada = await world.join('AdaOtter12')
    const ben = await world.join('BenHeron34')
    await until(world.clock, () => world.isWhole())
    skew(ada, 33_000)
    skew(ben, 5_000)
    await ada.say('ahead')
    await until(world.clock, () => ada.texts().length === 1)
    await correct(ada)
    await ada.say('after')
    await until(world.clock, () => ben.texts().length === 2, 'both heard', 100)
    expect(isVoidAnywhere(ada)).toBe(false)
  })
})

describe('a device that is void', () => {
  it('keeps what waited from vanishing', async () => {
    const ada = await world.join('AdaOtter12')
    await until(world.clock, () => ada.session.hasServer)
    await ada.say('one')
    await until(world.clock, () => ada.texts().length === 1)
    const [first] = ada.session.log.all as [LoggedMessage]
    const author = new Author({ ...ada.world, room: ROOM })
    const second = await author.message({ key: 'x', text: 'other', ms: 0 }, first.seq, first.time)
    await ada.session.log.prove({ first: first.signed, second: second.signed, passport: first.passport })
    expect(ada.session.log.isVoid(ada.person.device)).toBe(true)
    await pass(world.clock, 500)
    const archive = world.kill(ada)
    archive.entries.push({ key: 'waits', text: 'still here', ms: world.clock.now() })
    const again = await world.enter(ada.person, { archive })
    await until(world.clock, () => again.session.hasServer)
    await pass(world.clock, 1_000)
    expect(again.session.outbox.view).toMatchObject([{ text: 'still here', refused: 'void-author' }])
    again.session.outbox.sayAgain('waits')
    await pass(world.clock, 1_000)
    expect(again.session.outbox.view).toMatchObject([{ text: 'still here', refused: 'void-author' }])
  })
})
