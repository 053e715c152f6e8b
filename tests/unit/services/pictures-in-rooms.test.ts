import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { messageView, peopleView } from '../../../services/host/views'
import { avatarIn } from '../../../services/identity/passport-claims'
import { RoomWorld, type Viewer } from '../world/room-world'
import { until } from '../world/virtual-clock'

const [ONE, TWO] = ['one', 'two'].map((name) => name.padEnd(43, 'A'))

let world: RoomWorld
beforeEach(async () => {
  world = await RoomWorld.create()
})
afterEach(() => world.close())

const facesSeenBy = ({ session }: Viewer) =>
  Object.fromEntries(peopleView(session).members.map(({ name, avatar }) => [name, avatar]))
const facesOfLines = ({ session }: Viewer) =>
  session.log.all.map((message) => messageView(message, session).avatar)

/** The Worker gives `viewer` a passport that names this picture, or none. */
async function wear(viewer: Viewer, avatar: string | undefined, ver: number): Promise<void> {
  const { person } = viewer
  delete person.avatar
  if (avatar !== undefined) person.avatar = avatar
  await viewer.renew(person.name, ver)
}

describe('a picture', () => {
  it('is seen by everybody as soon as a passport names it, also beside what was said', async () => {
    const ada = await world.join('AdaOtter12')
    const ben = await world.join('BenHeron34')
    await until(world.clock, () => world.isWhole())
    await ada.say('hello')
    await until(world.clock, () => ben.texts().includes('hello'))
    expect(facesSeenBy(ben)).toEqual({ AdaOtter12: undefined, BenHeron34: undefined })
    expect(facesOfLines(ben)).toEqual([undefined])

    await wear(ada, ONE, 2)
    for (const viewer of [ada, ben]) {
      await until(world.clock, () => facesSeenBy(viewer).AdaOtter12 === ONE)
      expect(facesOfLines(viewer)).toEqual([ONE])
    }
    await wear(ada, TWO, 3)
    await until(world.clock, () => facesSeenBy(ben).AdaOtter12 === TWO)
    await wear(ada, undefined, 4)
    await until(world.clock, () => facesSeenBy(ben).AdaOtter12 === undefined)
    expect(facesOfLines(ben)).toEqual([undefined])
  })

  it('is known to newcomers, and of who has left', async () => {
    const ada = await world.join('AdaOtter12')
    const ben = await world.join('BenHeron34')
    await until(world.clock, () => world.isWhole())
    await wear(ada, ONE, 2)
    await until(world.clock, () => facesSeenBy(ben).AdaOtter12 === ONE)
    await ada.say('hello')
    await until(world.clock, () => ben.texts().includes('hello'))
    const cleo = await world.join('CleoLynx56')
    await until(world.clock, () => world.isWhole())
    expect(facesSeenBy(cleo).AdaOtter12).toBe(ONE)
    void ada.session.leave()
    await until(world.clock, () => !('AdaOtter12' in facesSeenBy(ben)))
    expect(facesOfLines(ben)).toEqual([ONE])
  })
})

describe('the picture in our own passport', () => {
  const jwt = (claims: object) => `x.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`

  it('is read from it, if it is one', () => {
    expect(avatarIn(jwt({ avatar: ONE }))).toEqual({ avatar: ONE })
    for (const none of [undefined, '', 'x', jwt({}), jwt({ avatar: '../../x' }), jwt({ avatar: 7 })])
      expect(avatarIn(none)).toEqual({})
  })
})
