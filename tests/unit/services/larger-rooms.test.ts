import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { IceServers } from '../../../protocol/api'
import { decodeFrame, type Frame } from '../../../protocol/frames'
import { ACTIVE_VIEW, ENOUGH_LINKS } from '../../../services/mesh/overlay/parameters'
import { TURN } from '../world/link-world'
import { HOST_ADDRESS, PUBLIC_ADDRESS } from '../world/memory-links'
import { RoomWorld, UNPACED, type Viewer } from '../world/room-world'
import { pass, until } from '../world/virtual-clock'

let world: RoomWorld
beforeEach(async () => {
  world = await RoomWorld.create()
  world.pace = UNPACED
})
afterEach(async () => {
  await world.close()
})

const join = async (count: number, circumstances: { iceServers?: IceServers } = {}) => {
  const before = world.viewers.length
  for (let n = 0; n < count; n++)
    await world.enter(await world.registrar.person(`Viewer${before + n + 10}`), circumstances)
  return world.viewers.slice(before)
}
const neighbours = ({ session }: Viewer) => session.about().links.length
/** Each knows everybody, and has links: no more than there are places for, none that only lingers. */
const isSettled = (least = ENOUGH_LINKS) =>
  world.viewers.every(
    (viewer) =>
      viewer.session.people.all.count === world.viewers.length &&
      viewer.session.linkCount === neighbours(viewer) &&
      neighbours(viewer) >= least &&
      neighbours(viewer) <= ACTIVE_VIEW,
  )
const settled = (least?: number) => until(world.clock, () => isSettled(least), 'settled', 50)

/** How many frames of a kind went over links, in all. */
const sent = (t: Frame['t']) =>
  world.network.links
    .flatMap((link) => link.sent)
    .filter((bytes) => {
      const decoded = decodeFrame(bytes)
      return 'frame' in decoded && decoded.frame.t === t
    }).length

/** Signals that went over links, and who got each. */
const signals = () =>
  world.network.links.flatMap(({ sent, other }) => {
    const receiver = world.viewers.find(({ links }) => links.opened.includes(other))?.person.device
    return sent.flatMap((bytes) => {
      const decoded = decodeFrame(bytes)
      if ('fault' in decoded || decoded.frame.t !== 'signal') return []
      return [{ receiver, to: decoded.frame.to, text: Buffer.from(decoded.frame.data).toString('latin1') }]
    })
  })
const carried = () => signals().filter(({ receiver, to }) => receiver !== to).length
/** Those in which an address could be read on the way. */
const betrayed = () =>
  signals().filter(({ text }) => text.includes(HOST_ADDRESS) || text.includes(PUBLIC_ADDRESS))

/** Everybody says something; resolves when everybody has heard it. */
async function roundOf(words: string): Promise<void> {
  const lines = world.viewers.map(({ person }) => `${person.name} ${words}`)
  for (const [index, viewer] of world.viewers.entries()) {
    await viewer.say(lines[index] ?? '')
    await pass(world.clock, 500)
  }
  const heardAll = ({ texts }: Viewer) => lines.every((line) => texts().includes(line))
  await until(world.clock, () => world.viewers.every(heardAll), words, 50)
}
const wentMissing = (viewer: Viewer) =>
  viewer.changes.flatMap((change) =>
    change.t === 'membership' && change.membership.kind === 'left' ? [change.membership.name] : [],
  )

describe('a room of twenty', () => {
  it('holds together with five links each, in which everybody hears everything once', async () => {
    await join(20)
    await settled()
    await roundOf('says hello')
    for (const viewer of world.viewers) {
      expect(viewer.texts()).toHaveLength(20)
      const told = viewer.changes.flatMap((change) => (change.t === 'message' ? [change.message] : []))
      // Of our own we are told again whenever it reached somebody.
      const others = told.filter(({ device }) => device !== viewer.person.device).map(({ id }) => id)
      expect([others.length, new Set(others).size]).toEqual([19, 19])
      expect(wentMissing(viewer)).toEqual([])
    }
  }, 60_000)

  it('does not flood what is said', async () => {
    await join(20)
    await settled()
    for (const words of ['warms up', 'and again']) await roundOf(words)
    const links = world.viewers.reduce((sum, viewer) => sum + neighbours(viewer), 0)
    const before = sent('message')
    await roundOf('says something')
    const perMessage = (sent('message') - before) / 20
    const flooded = links - 19
    expect(perMessage).toBeGreaterThanOrEqual(19)
    expect(perMessage).toBeLessThan(19 + (flooded - 19) / 3)
  }, 60_000)

  it.each([
    ['with relays', TURN],
    ['all of whom chose direct links, and none has a relay', []],
  ] satisfies [string, IceServers][])(
    'lets a member that lost all links but one find others over that, without the server, %s',
    async (_, iceServers) => {
      await join(20, { iceServers })
      await settled(3)
      world.room.crash()
      const [unlucky] = world.viewers
      if (!unlucky) throw new Error('nobody')
      const [last, ...others] = unlucky.links.opened.filter((link) =>
        world.network.links.some((end) => end === link && end.isOpen),
      )
      expect([last !== undefined, others.length > 1]).toEqual([true, true])
      for (const link of others) link.close()
      await until(world.clock, () => neighbours(unlucky) === 1, 'nearly alone', 10)
      await until(world.clock, () => neighbours(unlucky) >= 3, 'linked again', 50)
      await pass(world.clock, 10_000)
      await roundOf('talks on')
      expect(carried()).toBeGreaterThan(0)
      expect(betrayed()).toEqual([])
      expect(unlucky.links.heard.some((sdp) => sdp.includes(HOST_ADDRESS))).toBe(true)
    },
    60_000,
  )
})

describe('twelve members', () => {
  it('that come at once find each other, and each other’s words', async () => {
    await join(12)
    await settled()
    await roundOf('came with the crowd')
    for (const viewer of world.viewers) expect(wentMissing(viewer)).toEqual([])
  }, 60_000)
})

describe('a room that grows from five to twelve and shrinks to four', () => {
  it('is a full mesh, then none, and then one again', async () => {
    const first = await join(5)
    await until(world.clock, () => world.isWhole(), 'whole', 50)
    await roundOf('is one of five')
    expect(first.every(({ session }) => session.about().isFullMesh)).toBe(true)
    await join(7)
    await settled()
    await roundOf('is one of twelve')
    expect(world.viewers.some(({ session }) => session.about().isFullMesh)).toBe(false)
    for (const viewer of world.viewers) expect(wentMissing(viewer)).toEqual([])
    const leaving = world.viewers.splice(2, 8)
    let left = 0
    for (const { session } of leaving) void session.leave().then(() => left++)
    await until(world.clock, () => left === leaving.length, 'left', 50)
    await until(world.clock, () => world.isWhole(), 'whole again', 100)
    await roundOf('is one of four')
    for (const viewer of world.viewers) {
      expect(wentMissing(viewer).sort()).toEqual(leaving.map(({ person }) => person.name).sort())
    }
  }, 60_000)
})
