import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PRESENCE_LIFETIME_MS } from '../../../protocol/limits'
import { messageView } from '../../../services/host/views'
import { RoomWorld, type Viewer } from '../world/room-world'
import { pass, until } from '../world/virtual-clock'

let world: RoomWorld
beforeEach(async () => {
  world = await RoomWorld.create()
})
afterEach(() => world.close())

const namesSeenBy = ({ session }: Viewer) => session.people.all.members.map(({ name }) => name).sort()
const noticesOf = ({ changes }: Viewer) =>
  changes.flatMap((change) => (change.t === 'membership' ? [change.membership] : []))
const namesOfLines = ({ session }: Viewer) => session.log.all.map(({ body, name }) => `${name}: ${body}`)

describe('whoever is renamed', () => {
  it('is called so at once by everybody, and told to be; what was said keeps the name of then', async () => {
    const ada = await world.join('AdaOtter12')
    const ben = await world.join('BenHeron34')
    await until(world.clock, () => world.isWhole())
    await ada.say('before')
    await until(world.clock, () => ben.texts().includes('before'))
    await ada.renew('AdaLynx99', 2)
    await until(world.clock, () => namesSeenBy(ben).includes('AdaLynx99'))
    expect(namesSeenBy(ada)).toEqual(['AdaLynx99', 'BenHeron34'])
    expect(namesSeenBy(ben)).toEqual(['AdaLynx99', 'BenHeron34'])
    await ada.say('after')
    for (const viewer of [ada, ben]) {
      await until(world.clock, () => viewer.texts().includes('after'))
      expect(namesOfLines(viewer)).toEqual(['AdaOtter12: before', 'AdaLynx99: after'])
    }
    expect(noticesOf(ben)).toMatchObject([{ kind: 'renamed', was: 'AdaOtter12', name: 'AdaLynx99' }])
    expect(noticesOf(ada)).toEqual([])
  })

  it('is so for newcomers, who hear it from anybody', async () => {
    const ada = await world.join('AdaOtter12')
    await world.join('BenHeron34')
    await until(world.clock, () => world.isWhole())
    await ada.renew('AdaLynx99', 2)
    await until(world.clock, () => world.viewers.every((viewer) => namesSeenBy(viewer).includes('AdaLynx99')))
    const cleo = await world.join('CleoLynx56')
    await until(world.clock, () => world.isWhole())
    expect(namesSeenBy(cleo)).toEqual(['AdaLynx99', 'BenHeron34', 'CleoLynx56'])
    expect(noticesOf(cleo)).toEqual([])
  })

  it('is not called as before because an older passport is shown later', async () => {
    const ada = await world.join('AdaOtter12')
    const ben = await world.join('BenHeron34')
    await until(world.clock, () => world.isWhole())
    await ada.renew('AdaLynx99', 3)
    await until(world.clock, () => namesSeenBy(ben).includes('AdaLynx99'))
    await ada.renew('AdaOtter12', 2)
    await pass(world.clock, 2_000)
    await ada.say('who am I?')
    await until(world.clock, () => ben.texts().length === 1)
    expect(namesSeenBy(ben)).toEqual(['AdaLynx99', 'BenHeron34'])
    expect(namesOfLines(ben)).toEqual(['AdaLynx99: who am I?'])
    expect(noticesOf(ben)).toHaveLength(1)
  })
})

describe('two devices of one account', () => {
  /** Ada in two browsers, and Ben. */
  async function together() {
    const ada = await world.join('AdaOtter12')
    const other = await world.enter(await world.registrar.deviceOf(ada.person))
    const ben = await world.join('BenHeron34')
    await until(world.clock, () => world.viewers.every(({ session }) => session.linkCount === 2))
    await until(world.clock, () => world.viewers.every(({ session }) => session.people.all.count === 2))
    return { ada, other, ben }
  }

  it('are one person, who neither arrives nor leaves with one of them', async () => {
    const { ada, other, ben } = await together()
    expect(namesSeenBy(ben)).toEqual(['AdaOtter12', 'BenHeron34'])
    for (const own of [ada, other])
      expect(own.session.people.all.members.filter(({ me }) => me)).toHaveLength(1)
    world.viewers.splice(world.viewers.indexOf(other), 1)
    void other.session.leave()
    await until(world.clock, () => ben.session.linkCount === 1)
    await pass(world.clock, 1_000)
    expect(ben.session.people.all.count).toBe(2)
    expect(noticesOf(ben)).toEqual([])
    expect(noticesOf(ada)).toEqual([])
  })

  it('write as one person, and not to each other', async () => {
    const { ada, other, ben } = await together()
    ada.session.people.writing(true)
    other.session.people.writing(true)
    await until(world.clock, () => ben.session.people.typing.length > 0)
    await pass(world.clock, 1_000)
    expect(ben.session.people.typing).toEqual([{ accountId: ada.person.accountId, name: 'AdaOtter12' }])
    expect(ada.session.people.typing).toEqual([])
  })

  it('say what is mine on both, so that nothing of it is unread', async () => {
    const { ada, other, ben } = await together()
    await other.say('from my phone')
    await ben.say('from Ben')
    for (const viewer of world.viewers) await until(world.clock, () => viewer.texts().length === 2)
    const mine = ({ session }: Viewer) =>
      Object.fromEntries(session.log.all.map((message) => [message.body, messageView(message, session).mine]))
    expect(mine(ada)).toEqual({ 'from my phone': true, 'from Ben': false })
    expect(mine(ben)).toEqual({ 'from my phone': false, 'from Ben': true })
  })

  it('are called alike by the newest passport, and the other asks for it', async () => {
    const { ada, other, ben } = await together()
    await ada.renew('AdaLynx99', 2)
    await until(world.clock, () => namesSeenBy(ben).includes('AdaLynx99'))
    await until(world.clock, () => other.outdated > 0)
    expect(ada.outdated + ben.outdated).toBe(0)
    await other.say('still under my old passport')
    await until(world.clock, () => ben.texts().length === 1)
    expect(namesOfLines(ben)).toEqual(['AdaLynx99: still under my old passport'])
    other.session.people.writing(true)
    await until(world.clock, () => ben.session.people.typing.length === 1)
    expect(ben.session.people.typing).toMatchObject([{ name: 'AdaLynx99' }])
  })

  it('keep the new name when the device that showed it has left', async () => {
    const { ada, other, ben } = await together()
    await ada.renew('AdaLynx99', 2)
    await until(world.clock, () => namesSeenBy(ben).includes('AdaLynx99'))
    world.viewers.splice(world.viewers.indexOf(ada), 1)
    void ada.session.leave()
    await until(world.clock, () => ben.session.linkCount === 1)
    await pass(world.clock, PRESENCE_LIFETIME_MS, 500)
    expect(namesSeenBy(ben)).toEqual(['AdaLynx99', 'BenHeron34'])
    expect(other.session.people.all.count).toBe(2)
  })
})
