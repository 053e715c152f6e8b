import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { IceServers } from '../../../protocol/api'
import { TURN } from '../world/link-world'
import { HOST_ADDRESS, PUBLIC_ADDRESS } from '../world/memory-links'
import { RoomWorld, type Viewer } from '../world/room-world'
import { pass, until } from '../world/virtual-clock'

let world: RoomWorld
beforeEach(async () => {
  world = await RoomWorld.create()
})
afterEach(() => world.close())

const enter = async (name: string, direct: boolean): Promise<Viewer> =>
  world.enter(await world.registrar.person(name), { direct })

const kinds = ({ session }: Viewer) => session.kinds

describe('viewers who did not both agree to direct links', () => {
  it('are linked through the room object, talk, and get what was said before', async () => {
    const ada = await enter('AdaOtter12', false)
    const ben = await enter('BenHeron34', true)
    await until(world.clock, () => world.isWhole(), 'linked')
    expect(kinds(ada)).toEqual({ direct: 0, turn: 0, hub: 1 })
    expect(kinds(ben)).toEqual({ direct: 0, turn: 0, hub: 1 })
    await ada.say('hello through the hub')
    await until(world.clock, () => ben.texts().length === 1)
    const cleo = await enter('CleoLynx56', true)
    await until(world.clock, () => world.isWhole(), 'whole', 20)
    await until(world.clock, () => cleo.texts().length === 1, 'backfilled', 20)
    expect(kinds(cleo)).toEqual({ direct: 1, turn: 0, hub: 1 })
    expect(world.network.links.length).toBe(2)
  })

  it('show the room object nothing of what they say', async () => {
    const ada = await enter('AdaOtter12', false)
    const ben = await enter('BenHeron34', false)
    await until(world.clock, () => world.isWhole())
    await ada.say('a secret between us')
    await until(world.clock, () => ben.texts().length === 1)
    const traffic = Buffer.concat(world.room.hubTraffic)
    expect(world.room.hubTraffic.length).toBeGreaterThan(4)
    for (const word of ['a secret between us', 'secret', 'AdaOtter12', 'somechannel'])
      expect([word, traffic.includes(word)]).toEqual([word, false])
  })

  it('lose each other with the server, keep what they say, and have it all when it is back', async () => {
    const ada = await enter('AdaOtter12', false)
    const ben = await enter('BenHeron34', false)
    await until(world.clock, () => world.isWhole())
    world.room.crash()
    await until(world.clock, () => ada.session.linkCount === 0)
    await ada.say('are you there?')
    await pass(world.clock, 5_000, 100)
    expect(ben.texts()).toEqual([])
    world.room.isDown = false
    await until(world.clock, () => ben.texts().length === 1, 'said after all', 50)
  })

  it('say goodbye before the socket closes', async () => {
    const ada = await enter('AdaOtter12', false)
    const ben = await enter('BenHeron34', false)
    await until(world.clock, () => world.isWhole())
    void ben.session.leave()
    await until(world.clock, () => ada.session.people.all.count === 1)
    expect(world.clock.pending).toBeGreaterThan(0)
  })
})

describe('consent to direct links', () => {
  it('that is taken back ends them, and given again brings them back', async () => {
    let agrees = true
    const ada = await world.enter(await world.registrar.person('AdaOtter12'), { consent: () => agrees })
    const ben = await enter('BenHeron34', true)
    await until(world.clock, () => world.isWhole())
    expect(kinds(ada)).toEqual({ direct: 1, turn: 0, hub: 0 })
    agrees = false
    ada.session.termsChanged()
    await until(world.clock, () => kinds(ben).hub === 1 && kinds(ada).hub === 1, 'by the hub', 20)
    expect(kinds(ada).direct).toBe(0)
    agrees = true
    ada.session.termsChanged()
    await until(world.clock, () => kinds(ben).direct === 1, 'direct again', 50)
    expect(ada.changes.filter(({ t }) => t === 'membership')).toEqual([])
  })
})

describe('a room object that lies', () => {
  it.each([
    ['with relays', TURN],
    ['without', []],
  ] satisfies [string, IceServers][])(
    'about consent gets nobody’s address to see, %s',
    async (_, iceServers) => {
      world.room.isLying = true
      const signals: string[] = []
      world.room.tamper = (data) => {
        signals.push(Buffer.from(data).toString('latin1'))
        return data
      }
      for (const [name, direct] of [
        ['BenHeron34', false],
        ['DanMink78', false],
        ['AdaOtter12', true],
      ] as const)
        await world.enter(await world.registrar.person(name), { direct, iceServers })
      await pass(world.clock, 30_000, 200)
      expect(world.viewers.map(({ session }) => [session.linkCount, session.kinds.direct])).toEqual([
        [2, 0],
        [2, 0],
        [2, 0],
      ])
      const betrays = (text: string) => text.includes(HOST_ADDRESS) || text.includes(PUBLIC_ADDRESS)
      expect(signals.some(betrays)).toBe(false)
      expect(world.viewers.flatMap(({ links }) => links.terms.map(({ policy }) => policy))).not.toContain(
        'all',
      )
      // Two who agree by their own word show each other theirs, and the room object still nothing.
      const cleo = await world.enter(await world.registrar.person('CleoLynx56'), { direct: true, iceServers })
      await until(world.clock, () => cleo.session.kinds.direct === 1, 'direct', 20)
      expect(world.viewers.map(({ links }) => links.heard.some(betrays))).toEqual([false, false, true, true])
      expect(signals.some(betrays)).toBe(false)
    },
  )
})

describe('two who agreed', () => {
  it.each([
    ['names another key', (seal: Uint8Array<ArrayBuffer>) => seal.map((byte) => byte ^ 1)],
    ['names none', () => undefined],
  ])('begin relayed where the room object %s in introductions, and show it no address', async (_, swap) => {
    world.room.swapKey = swap
    const signals: string[] = []
    world.room.tamper = (data) => {
      signals.push(Buffer.from(data).toString('latin1'))
      return data
    }
    const ada = await world.enter(await world.registrar.person('AdaOtter12'), { iceServers: TURN })
    const ben = await world.enter(await world.registrar.person('BenHeron34'), { iceServers: TURN })
    await until(world.clock, () => world.isWhole(), 'linked', 20)
    // Ben came second, and was told of Ada.
    expect(ben.links.terms[0]?.policy).toBe('relay')
    // What they showed each other over their link, nobody could swap.
    await until(world.clock, () => kinds(ada).direct === 1 && kinds(ben).direct === 1, 'direct', 20)
    expect(signals.some((text) => text.includes('candidate'))).toBe(true)
    expect(signals.some((text) => text.includes(HOST_ADDRESS) || text.includes(PUBLIC_ADDRESS))).toBe(false)
  })
})

describe('a room object that changes what it passes on', () => {
  it('makes no link, and the viewer is told', async () => {
    world.room.tamper = (data) => {
      const changed = new Uint8Array(data)
      changed[changed.length - 3] = (changed[changed.length - 3] ?? 0) ^ 1
      return changed
    }
    const ada = await enter('AdaOtter12', true)
    const ben = await enter('BenHeron34', true)
    await pass(world.clock, 30_000, 200)
    expect(ada.session.linkCount + ben.session.linkCount).toBe(0)
    expect([...ada.session.faults.keys(), ...ben.session.faults.keys()]).toContain('bad-seal')
    expect(ada.session.isTampered || ben.session.isTampered).toBe(true)
    // It stops, and all is well again.
    world.room.tamper = (data) => data
    await until(world.clock, () => world.isWhole(), 'linked', 100)
    expect([ada.session.isTampered, ben.session.isTampered]).toEqual([false, false])
  })

  it('is suspected until one signal comes as it was signed, though no link opens', async () => {
    const ada = await enter('AdaOtter12', false)
    let isChanging = true
    world.room.tamper = (data, _from, to) => {
      if (to !== ada.person.device) return undefined
      const changed = new Uint8Array(data)
      if (isChanging) changed[changed.length - 3] = (changed[changed.length - 3] ?? 0) ^ 1
      return changed
    }
    await enter('BenHeron34', false)
    await until(world.clock, () => ada.session.isTampered, 'suspected', 100)
    expect(ada.changes.at(-1)).toEqual({ t: 'connection' })
    isChanging = false
    const before = ada.session.faults.get('bad-seal')
    expect(before).toBeGreaterThan(0)
    const mended = world.clock.now()
    await until(world.clock, () => !ada.session.isTampered, 'cleared', 100)
    expect(ada.session.faults.get('bad-seal')).toBe(before)
    expect([ada.session.linkCount, world.clock.now() - mended < 120_000]).toEqual([0, true])
  })

  it('is not suspected because one member sends nonsense while others are linked', async () => {
    const ada = await enter('AdaOtter12', true)
    const ben = await enter('BenHeron34', true)
    await until(world.clock, () => world.isWhole())
    const mallory = await world.registrar.person('MalloryMink22')
    world.room.tamper = (data, from) => {
      const changed = new Uint8Array(data)
      if (from === mallory.device) changed[changed.length - 3] = (changed[changed.length - 3] ?? 0) ^ 1
      return changed
    }
    await world.enter(mallory, {})
    await until(world.clock, () => ada.session.faults.has('bad-seal') || ben.session.faults.has('bad-seal'))
    expect([ada.session.isTampered, ben.session.isTampered]).toEqual([false, false])
  })
})
