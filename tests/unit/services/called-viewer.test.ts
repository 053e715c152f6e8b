import { beforeEach, describe, expect, it } from 'vitest'
import { CALLED_BY, CALLED_IN, DEFAULT_ATTENTION } from '../../../protocol/attention'
import type { CallNote } from '../../../protocol/control'
import { Attention } from '../../../services/attention/attention'
import { RoomHost } from '../../../services/host/room-host'
import { RoomWorld, type Viewer } from '../world/room-world'
import { pass, until } from '../world/virtual-clock'

const URL = 'https://www.twitch.tv/somechannel'
let world: RoomWorld
let host: RoomHost
let ben: Viewer
let me: Viewer
let told: [number, CallNote | null][]
let focused: number
let page: ReturnType<RoomHost['openPage']>
let panel: ReturnType<RoomHost['openPanel']>

const show = (visible: boolean, url = URL) => page.report({ t: 'page', url, theme: 'dark', visible })
const count = () => told.at(-1)?.[0] ?? 0

async function says(viewer: Viewer, text: string): Promise<void> {
  const before = host.sessions[0]?.log.all.length ?? 0
  await viewer.say(text)
  await until(world.clock, () => (host.sessions[0]?.log.all.length ?? 0) > before, 'heard', 20)
}

beforeEach(async () => {
  world = await RoomWorld.create()
  told = []
  focused = 0
  host = new RoomHost({
    clock: world.clock,
    attention: new Attention({
      clock: world.clock,
      tell: (calls, note) => told.push([calls, note]),
      chime: () => {},
    }),
    saveCollapsed: () => {},
    saveSizes: () => {},
  })
  host.restoreLayout(false, {})
  ben = await world.join('BenHeron34')
  await ben.say('@HostHare10 before the visit')
  await until(world.clock, () => ben.texts().length === 1)
  // What is said in the very millisecond of the arrival would be news.
  await pass(world.clock, 1_000)
  page = host.openPage(7, () => {})
  show(false)
  me = await world.enter(await world.registrar.person('HostHare10'))
  void me.session.leave()
  host.become(me.world.credentials(), me.world)
  panel = host.openPanel(7, { delta: () => {}, emotesChanged: () => {}, focusComposer: () => focused++ })
  await panel.attend({ ...DEFAULT_ATTENTION, notify: true }, `${CALLED_BY} in ${CALLED_IN}`)
  await until(world.clock, () => host.sessions[0]?.log.all.length === 1, 'caught up', 20)
})

describe('a viewer whose room is out of sight', () => {
  it('is told who called, and where; not of what was said before they came', async () => {
    expect(told).toEqual([])
    await says(ben, 'hello all')
    expect(told).toEqual([])
    await says(ben, 'hello @hosthare10')
    expect(told).toEqual([[1, { tab: 7, title: 'BenHeron34 in somechannel' }]])
    show(true)
    expect(count()).toBe(0)
    await says(ben, 'hello again @HostHare10')
    expect(count()).toBe(0)
  })

  it('is told of answers to what they said', async () => {
    await panel.say('11111111-1111-4111-8111-111111111111', 'a question')
    await until(world.clock, () => ben.texts().includes('a question'), 'asked', 20)
    const id = ben.session.log.all.at(-1)?.id
    await ben.session.say(crypto.randomUUID(), 'an answer', id ? { reply: id } : {})
    await until(world.clock, () => told.length > 0, 'told', 20)
    expect(count()).toBe(1)
  })

  it('is called by nothing of their own', async () => {
    await panel.say('22222222-2222-4222-8222-222222222222', 'I am @HostHare10')
    await until(world.clock, () => ben.texts().length === 2, 'said', 20)
    expect(told).toEqual([])
  })

  it('counts what comes to a collapsed panel, until it is opened', async () => {
    show(true)
    await panel.setCollapsed(true)
    await says(ben, '@HostHare10?')
    expect(count()).toBe(1)
    await panel.setCollapsed(false)
    expect(count()).toBe(0)
  })

  it('forgets the calls of a room that they left', async () => {
    await says(ben, '@HostHare10?')
    expect(count()).toBe(1)
    show(false, 'https://www.twitch.tv/otherchannel')
    expect(count()).toBe(0)
  })
})

describe('a shortcut', () => {
  const isCollapsed = async () => (await panel.snapshot()).view.collapsed

  it('opens and collapses the panel of a tab that has one', async () => {
    host.command('toggle-panel', 7)
    expect(await isCollapsed()).toBe(true)
    for (const tab of [8, undefined]) host.command('toggle-panel', tab)
    expect(await isCollapsed()).toBe(true)
    host.command('toggle-panel', 7)
    expect(await isCollapsed()).toBe(false)
    expect(focused).toBe(0)
  })

  it('gives the keys to the composer, and opens the panel for it', async () => {
    await panel.setCollapsed(true)
    host.command('focus-composer', 7)
    expect([await isCollapsed(), focused]).toEqual([false, 1])
    host.command('focus-composer', 8)
    await pass(world.clock, 100)
    expect(focused).toBe(1)
  })
})
