import { beforeEach, describe, expect, it } from 'vitest'
import type { PageLayout, RoomDelta } from '../../../protocol/host-port'
import { channelRoom } from '../../../protocol/room-id'
import { RoomHost } from '../../../services/host/room-host'
import { LEAVE_GRACE_MS } from '../../../services/room/rooms'
import { RoomWorld, type Viewer } from '../world/room-world'
import { pass, until } from '../world/virtual-clock'

let world: RoomWorld
let host: RoomHost
let saved: boolean[]
beforeEach(async () => {
  world = await RoomWorld.create()
  saved = []
  host = new RoomHost({
    clock: world.clock,
    saveCollapsed: (collapsed) => saved.push(collapsed),
    saveSizes: () => {},
  })
  host.restoreLayout(false, {})
})

const page = (tab: number, url: string, layouts: PageLayout[] = []) => {
  const opened = host.openPage(tab, (layout) => layouts.push(layout))
  opened.report({ t: 'page', url, theme: 'dark', visible: true })
  return opened
}
const panel = (tab: number, deltas: RoomDelta[] = []) =>
  host.openPanel(tab, {
    delta: (delta) => deltas.push(delta),
    emotesChanged: () => {},
    focusComposer: () => {},
  })

/** How many messages the host's rooms hold. */
const heard = () => host.sessions.reduce((sum, { log }) => sum + log.all.length, 0)

/** Signs the host in as somebody new. */
async function become(name: string): Promise<Viewer> {
  const viewer = await world.join(name)
  void viewer.session.leave()
  host.become(viewer.world.credentials(), viewer.world)
  return viewer
}

describe('the room host', () => {
  it('shows a panel the room of its own tab, and none where the page has none', async () => {
    page(1, 'https://www.twitch.tv/somechannel')
    page(2, 'https://www.twitch.tv/directory')
    expect((await panel(1).snapshot()).view.login).toBe('somechannel')
    expect((await panel(2).snapshot()).view.login).toBeNull()
    expect((await panel(3).snapshot()).view.login).toBeNull()
  })

  it('knows no state before it was told who it is, and says so when asking is in vain', async () => {
    page(1, 'https://www.twitch.tv/somechannel')
    const state = async () => (await panel(1).snapshot()).view.connection.state
    expect(await state()).toBe('connecting')
    host.askedInVain()
    expect(await state()).toBe('offline')
    host.become(null)
    expect(await state()).toBe('signed-out')
    expect(await panel(1).say('key', 'hello')).toEqual({ refused: 'signed-out' })
  })

  it('says a text in the room of the tab it was typed in', async () => {
    page(1, 'https://www.twitch.tv/somechannel')
    page(2, 'https://www.twitch.tv/settings')
    await become('HostHare10')
    const deltas: RoomDelta[] = []
    expect(await panel(1, deltas).say('one', 'hello')).toEqual({ accepted: true })
    expect(await panel(1).say('two', '  ')).toEqual({ refused: 'text-not-allowed' })
    expect(await panel(2).say('three', 'hello')).toEqual({ refused: 'no-room' })
    await until(world.clock, () => deltas.some(({ newMessages }) => newMessages.length > 0))
    const { view } = await panel(1).snapshot()
    expect(view.messages).toMatchObject([
      { text: 'hello', mine: true, name: 'HostHare10', key: 'one', reach: 0 },
    ])
  })

  it('says things as deeds and answers, and shows what is answered as it was said', async () => {
    page(1, 'https://www.twitch.tv/somechannel')
    await become('HostHare10')
    const at = panel(1)
    const messages = async () => (await at.snapshot()).view.messages
    await at.say('one', `two\n lines ${'x'.repeat(300)}`)
    await until(world.clock, () => heard() === 1)
    const [first] = await messages()
    const id = first?.id ?? ''
    const unknown = 'Q'.repeat(42).concat('A')
    expect(await at.say('two', 'waves', { me: true })).toEqual({ accepted: true })
    expect(await at.say('three', 'indeed', { reply: id })).toEqual({ accepted: true })
    expect(await at.say('four', 'who?', { reply: unknown })).toEqual({ accepted: true })
    await until(world.clock, () => heard() === 4)
    const [, deed, answer, lost] = await messages()
    expect(deed).toMatchObject({ text: 'waves', me: true })
    expect(answer).toMatchObject({ text: 'indeed', reply: { id, name: 'HostHare10', mine: true } })
    expect(answer?.reply?.text).toMatch(/^two lines x{130}$/)
    expect(lost?.reply).toEqual({ id: unknown })
    expect(first).not.toHaveProperty('me')
    expect(answer).not.toHaveProperty('me')
    expect(deed).not.toHaveProperty('reply')
    expect(await at.say('five', 'hello', { reply: `${unknown.slice(0, 42)}B` })).toEqual({
      refused: 'text-not-allowed',
    })
  })

  it('shows what waits as what it will be', async () => {
    page(1, 'https://www.twitch.tv/somechannel')
    const viewer = await become('HostHare10')
    const at = panel(1)
    await at.say('one', 'hello')
    await until(world.clock, () => heard() === 1)
    const id = (await at.snapshot()).view.messages[0]?.id ?? ''
    viewer.archive.commit = () => new Promise(() => {})
    await at.say('two', 'waves back', { me: true, reply: id })
    expect((await at.snapshot()).view.waiting).toMatchObject([
      {
        key: 'two',
        text: 'waves back',
        me: true,
        reply: { id, name: 'HostHare10', text: 'hello', mine: true },
      },
    ])
  })

  it('shows what people are in the channel, with their names and with what they said', async () => {
    page(1, 'https://www.twitch.tv/somechannel')
    const person = await world.registrar.person('Streamer10')
    const room = channelRoom('somechannel')
    const grant = await world.registrar.roleGrant(person, room, 'broadcaster', world.clock.now())
    const pass = { role: 'broadcaster' as const, grant, askAgainAt: Number.POSITIVE_INFINITY }
    const viewer = await world.enter(person, { twitch: 'streamer', role: async () => pass })
    void viewer.session.leave()
    host.become(viewer.world.credentials(), viewer.world)
    await panel(1).say('one', 'hello')
    await until(world.clock, () => heard() === 1)
    await until(world.clock, () =>
      host.sessions.some(({ people }) => people.roleOf(person.accountId) !== null),
    )
    const { view } = await panel(1).snapshot()
    expect(view.members).toMatchObject([{ name: 'Streamer10', role: 'broadcaster' }])
    expect(view.messages).toMatchObject([{ text: 'hello', role: 'broadcaster' }])
  })

  it('searches what is kept of a room', async () => {
    page(1, 'https://www.twitch.tv/somechannel')
    await become('HostHare10')
    const at = panel(1)
    for (const [index, text] of ['the Filter', 'nothing', 'a FÍLTER again'].entries())
      await at.say(`k${index}`, text)
    await until(world.clock, () => heard() === 3)
    const found = await at.search('filter')
    expect(found).toMatchObject({
      messages: [{ text: 'a FÍLTER again' }, { text: 'the Filter' }],
      more: false,
    })
    expect((await at.search('hosthare nothing')).messages).toHaveLength(1)
    expect(await at.search('  ')).toEqual({ messages: [], more: false })
    expect(await panel(2).search('filter')).toEqual({ messages: [], more: false })
  })

  it('keeps a room through a reload of its page, whichever port closes first', async () => {
    const first = page(1, 'https://www.twitch.tv/somechannel')
    await become('HostHare10')
    await panel(1).say('key', 'before')
    await until(world.clock, () => host.sessions[0]?.log.all.length === 1)
    const second = page(1, 'https://www.twitch.tv/somechannel')
    first.close()
    await pass(world.clock, 2 * LEAVE_GRACE_MS, 500)
    expect((await panel(1).snapshot()).view.messages).toHaveLength(1)
    second.close()
    await pass(world.clock, 2 * LEAVE_GRACE_MS, 500)
    expect(host.sessions).toEqual([])
  })

  it('lays out every page alike and remembers it', async () => {
    const layouts: PageLayout[] = []
    page(1, 'https://www.twitch.tv/somechannel', layouts)
    page(2, 'https://www.twitch.tv/other', layouts)
    await panel(1).setCollapsed(true)
    expect(layouts.map(({ collapsed }) => collapsed)).toEqual([false, false, true, true])
    expect(saved).toEqual([true])
    expect((await panel(2).snapshot()).view.collapsed).toBe(true)
  })

  it('forgets one identity’s room before it takes up another’s', async () => {
    page(1, 'https://www.twitch.tv/somechannel')
    await become('HostHare10')
    await panel(1).say('key', 'mine')
    await become('OtherOwl20')
    const { view } = await panel(1).snapshot()
    expect(view.messages).toEqual([])
    expect(view.me?.name).toBe('OtherOwl20')
  })

  it('shows nobody what the session of another identity still reports', async () => {
    page(1, 'https://www.twitch.tv/somechannel')
    const former = await world.join('HostHare10')
    void former.session.leave()
    const commit = former.archive.commit.bind(former.archive)
    const { promise, resolve } = Promise.withResolvers<void>()
    former.archive.commit = async (message, after) => {
      await promise
      return commit(message, after)
    }
    host.become(former.world.credentials(), former.world)
    await panel(1).say('one', 'hello')
    await until(world.clock, () => host.sessions.some(({ hasServer }) => hasServer))
    await pass(world.clock, 200)
    await become('OtherOwl20')
    const deltas: RoomDelta[] = []
    await panel(1, deltas).snapshot()
    resolve()
    await until(world.clock, () => former.archive.messages.length === 1)
    await pass(world.clock, 200)
    expect(deltas.flatMap(({ newMessages }) => newMessages)).toEqual([])
  })
})
