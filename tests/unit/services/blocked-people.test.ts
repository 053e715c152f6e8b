import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AccountId } from '../../../protocol/device'
import type { Standing } from '../../../protocol/people'
import { RoomWorld, type Viewer } from '../world/room-world'
import { pass, until } from '../world/virtual-clock'

let world: RoomWorld
let standings: Map<AccountId, Standing>
beforeEach(async () => {
  world = await RoomWorld.create()
  standings = new Map()
})
afterEach(() => world.close())

/** Enters with a list of people, which the test changes. */
const enterChoosing = async (name: string): Promise<Viewer> =>
  world.enter(await world.registrar.person(name), { standingOf: (account) => standings.get(account) ?? null })

function stand({ session }: Viewer, other: Viewer, standing: Standing | null): void {
  if (standing) standings.set(other.person.accountId, standing)
  else standings.delete(other.person.accountId)
  session.standingsChanged()
}

const isLinkedWith = ({ session }: Viewer, other: Viewer) =>
  session.about().links.some(({ id }) => id === other.person.device)

describe('somebody who is blocked', () => {
  it('gets no link, whoever came first', async () => {
    const ben = await world.join('BenHeron34')
    standings.set(ben.person.accountId, 'blocked')
    const ada = await enterChoosing('AdaOtter12')
    const cleo = await world.join('CleoLynx56')
    await until(world.clock, () => isLinkedWith(ada, cleo) && isLinkedWith(ben, cleo), 'linked', 50)
    await pass(world.clock, 10 * 60_000, 1_000)
    expect(isLinkedWith(ada, ben)).toBe(false)
    expect(isLinkedWith(ben, ada)).toBe(false)
    const later = await world.registrar.person('DaisyYak78')
    standings.set(later.accountId, 'blocked')
    const daisy = await world.enter(later)
    await until(world.clock, () => isLinkedWith(daisy, cleo), 'daisy is in', 50)
    await pass(world.clock, 5 * 60_000, 1_000)
    expect(isLinkedWith(ada, daisy)).toBe(false)
  })

  it('loses the link at once, and gets it back when that is undone', async () => {
    const ada = await enterChoosing('AdaOtter12')
    const ben = await world.join('BenHeron34')
    await until(world.clock, () => world.isWhole(), 'whole', 50)
    stand(ada, ben, 'blocked')
    await pass(world.clock, 500, 5)
    expect([isLinkedWith(ada, ben), isLinkedWith(ben, ada)]).toEqual([false, false])
    await pass(world.clock, 5 * 60_000, 1_000)
    expect(isLinkedWith(ada, ben)).toBe(false)
    stand(ada, ben, null)
    await until(world.clock, () => isLinkedWith(ada, ben), 'linked again', 120)
  })

  it('is heard in the room by everybody else, in the same log, and is not kept here', async () => {
    const ada = await enterChoosing('AdaOtter12')
    const ben = await world.join('BenHeron34')
    const cleo = await world.join('CleoLynx56')
    await until(world.clock, () => world.isWhole(), 'whole', 50)
    stand(ada, ben, 'blocked')
    await ben.say('from ben')
    await cleo.say('from cleo')
    await until(world.clock, () => cleo.texts().length === 2, 'cleo has both')
    await until(world.clock, () => ada.texts().length === 2, 'the logs agree', 120)
    await pass(world.clock, 10_000, 500)
    const kept = (await ada.archive.page(null, 100)).messages.map(({ body }) => body)
    expect(kept).toEqual(['from cleo'])
    const others = (await cleo.archive.page(null, 100)).messages.map(({ body }) => body)
    expect(others).toHaveLength(2)
  })

  it('while somebody muted keeps the link', async () => {
    const ada = await enterChoosing('AdaOtter12')
    const ben = await world.join('BenHeron34')
    await until(world.clock, () => world.isWhole(), 'whole', 50)
    stand(ada, ben, 'muted')
    await pass(world.clock, 60_000, 1_000)
    expect(isLinkedWith(ada, ben)).toBe(true)
    await ben.say('from ben')
    await until(world.clock, () => ada.texts().length === 1)
    await pass(world.clock, 10_000, 500)
    expect((await ada.archive.page(null, 100)).messages).toHaveLength(1)
  })
})
