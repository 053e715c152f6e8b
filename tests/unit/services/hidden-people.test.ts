import { beforeEach, describe, expect, it } from 'vitest'
import type { RoomDelta } from '../../../protocol/host-port'
import type { Standing } from '../../../protocol/people'
import { RoomHost } from '../../../services/host/room-host'
import { PersonChoices } from '../../../services/people/person-choices'
import { RoomWorld, UNPACED, type Viewer } from '../world/room-world'
import { pass, until } from '../world/virtual-clock'

let world: RoomWorld
let host: RoomHost
let choices: PersonChoices
let deltas: RoomDelta[]
let me: Viewer
let ben: Viewer
let cleo: Viewer
let panel: ReturnType<RoomHost['openPanel']>

beforeEach(async () => {
  world = await RoomWorld.create()
  world.pace = UNPACED
  choices = new PersonChoices({
    clock: world.clock,
    store: { load: async () => [], put: async () => {}, remove: async () => {} },
    onChange: () => host.standingsChanged(),
  })
  host = new RoomHost({ clock: world.clock, choices, saveCollapsed: () => {}, saveSizes: () => {} })
  host.restoreLayout(false, {})
  host
    .openPage(1, () => {})
    .report({
      t: 'page',
      url: 'https://www.twitch.tv/somechannel',
      theme: 'dark',
      visible: true,
    })
  me = await world.enter(await world.registrar.person('HostHare10'))
  void me.session.leave()
  await choices.become(me.person.accountId)
  host.become(me.world.credentials(), {
    ...me.world,
    standingOf: (account) => choices.standingOf(account),
  })
  ben = await world.join('BenHeron34')
  cleo = await world.join('CleoLynx56')
  deltas = []
  panel = host.openPanel(1, {
    delta: (delta) => deltas.push(delta),
    emotesChanged: () => {},
    focusComposer: () => {},
  })
  await until(world.clock, () => host.sessions[0]?.linkCount === 2, 'linked', 50)
  await until(world.clock, () => host.sessions[0]?.people.all.count === 3, 'everybody is known', 20)
})

const view = async () => (await panel.snapshot()).view
const texts = async () => (await view()).messages.map(({ text }) => text)
const choose = ({ person }: Viewer, standing: Standing | null) =>
  panel.choose(person.accountId, person.name, standing)
const heard = (count: number) =>
  until(world.clock, () => host.sessions[0]?.log.all.length === count, `${count} heard`, 20)

describe('somebody who is muted', () => {
  it('is not heard, of old or from now on, until that is undone', async () => {
    await ben.say('before')
    await cleo.say('from cleo')
    await heard(2)
    expect(await choose(ben, 'muted')).toBe(true)
    expect(await texts()).toEqual(['from cleo'])
    deltas.length = 0
    await ben.say('after')
    await cleo.say('again')
    await heard(4)
    await pass(world.clock, 500, 10)
    const told = deltas.flatMap(({ newMessages }) => newMessages.map(({ text }) => text))
    expect(told).toEqual(['again'])
    expect((await view()).choices.map(({ name }) => name)).toEqual(['BenHeron34'])
    await choose(ben, null)
    expect(await texts()).toHaveLength(4)
  })

  it('is still shown to be here, but not to write, nor to come and go', async () => {
    await choose(ben, 'muted')
    expect((await view()).members.map(({ name }) => name)).toContain('BenHeron34')
    ben.session.people.writing(true)
    cleo.session.people.writing(true)
    await until(world.clock, () => host.sessions[0]?.people.typing.length === 2, 'both write', 20)
    expect((await view()).typing.map(({ name }) => name)).toEqual(['CleoLynx56'])
    deltas.length = 0
    void ben.session.leave()
    await until(world.clock, () => host.sessions[0]?.people.all.count === 2, 'ben left', 20)
    await pass(world.clock, 200, 10)
    expect(deltas.flatMap(({ newNotices }) => newNotices)).toEqual([])
  })

  it('makes no page empty while there is something older to show', async () => {
    await cleo.say('long ago')
    await heard(1)
    for (let n = 0; n < 130; n++) {
      await ben.say(`noise ${n}`)
      await pass(world.clock, 300, 100)
    }
    await cleo.say('newest')
    await heard(132)
    await choose(ben, 'muted')
    expect(await texts()).toEqual(['long ago', 'newest'])
    const newest = (await view()).messages.at(-1)
    expect((await panel.older(newest?.id ?? '')).messages.map(({ text }) => text)).toEqual(['long ago'])
    expect((await panel.search('noise')).messages).toEqual([])
  }, 60_000)

  it('is not quoted by those who answer', async () => {
    await ben.say('a provocation')
    await heard(1)
    const id = host.sessions[0]?.log.all[0]?.id ?? ''
    await panel.say('11111111-1111-4111-8111-111111111111', 'no', { reply: id })
    await heard(2)
    expect((await view()).messages.at(-1)?.reply).toMatchObject({ text: 'a provocation' })
    await choose(ben, 'muted')
    expect((await view()).messages.at(-1)?.reply).toEqual({ id })
  })
})

describe('somebody who is blocked', () => {
  it('is neither shown nor counted', async () => {
    await choose(ben, 'blocked')
    const { members, memberCount } = await view()
    expect(members.map(({ name }) => name).toSorted()).toEqual(['CleoLynx56', 'HostHare10'])
    expect(memberCount).toBe(2)
  })
})

describe("somebody's card", () => {
  it('tells who they are, while they are here and afterwards', async () => {
    await ben.say('hello')
    await heard(1)
    expect(await panel.person(ben.person.accountId)).toMatchObject({
      name: 'BenHeron34',
      me: false,
      presence: 'here',
      devices: [ben.person.device],
    })
    ben.session.people.setAway(true)
    await until(world.clock, () => host.sessions[0]?.people.all.members.some(({ away }) => away) === true)
    expect((await panel.person(ben.person.accountId))?.presence).toBe('away')
    void ben.session.leave()
    await until(world.clock, () => host.sessions[0]?.people.all.count === 2, 'ben left', 20)
    expect(await panel.person(ben.person.accountId)).toMatchObject({ presence: 'gone', name: 'BenHeron34' })
    expect(await panel.person(me.person.accountId)).toMatchObject({ me: true })
  })

  it('is nobody’s whom the room never heard of', async () => {
    const stranger = await world.registrar.person('DaisyYak78')
    expect(await panel.person(stranger.accountId)).toBeNull()
  })
})

describe('the viewer who says that they are away', () => {
  const isAway = async () => (await view()).members.some(({ me, away }) => me && away)

  it('is, until they say something', async () => {
    await panel.setAway(true)
    await until(world.clock, () => host.sessions[0]?.people.all.members.some(({ away }) => away) === true)
    expect(await isAway()).toBe(true)
    await panel.say('22222222-2222-4222-8222-222222222222', 'back')
    await pass(world.clock, 500, 10)
    expect(await isAway()).toBe(false)
    await panel.setAway(true)
    await pass(world.clock, 500, 10)
    expect(await isAway()).toBe(true)
    await panel.setAway(false)
    await pass(world.clock, 500, 10)
    expect(await isAway()).toBe(false)
  })
})
