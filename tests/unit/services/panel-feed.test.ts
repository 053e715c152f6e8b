import { beforeEach, describe, expect, it } from 'vitest'
import type { MessageView, RoomDelta, RoomView } from '../../../protocol/host-port'
import { BATCH_MS, PanelFeed } from '../../../services/host/panel-feed'
import { VirtualClock } from '../world/virtual-clock'

const empty: Omit<RoomView, 'notices'> = {
  login: 'shroud',
  me: null,
  connection: {
    state: 'connecting',
    links: 0,
    server: false,
    kinds: { direct: 0, turn: 0, hub: 0 },
    tampered: false,
  },
  rules: { linkedOnly: false, barred: false, mayRule: false, role: null, slow: 0, bar: null },
  members: [],
  memberCount: 0,
  typing: [],
  messages: [],
  history: { more: false, corrupt: 0, problem: null },
  waiting: [],
  acts: [],
  reports: [],
  choices: [],
  theme: 'dark',
  collapsed: false,
}
const message = (id: string): MessageView => ({
  id,
  accountId: 'a' as MessageView['accountId'],
  device: 'd' as MessageView['device'],
  name: 'Ann',
  text: id,
  ms: 1,
  count: 0,
  mine: false,
})

let clock: VirtualClock
let sent: RoomDelta[]
let feed: PanelFeed
let view: Omit<RoomView, 'notices'>
beforeEach(() => {
  clock = new VirtualClock()
  sent = []
  view = empty
  feed = new PanelFeed(
    clock,
    () => view,
    (delta) => sent.push(delta),
  )
})

describe('a panel’s feed', () => {
  it('gathers what happens in one delta', () => {
    feed.message(message('one'))
    feed.message(message('two'))
    feed.change({ theme: 'light' })
    feed.change({ theme: 'dark', collapsed: true })
    expect(sent).toEqual([])
    clock.advance(BATCH_MS)
    expect(sent).toEqual([
      {
        seq: 1,
        changed: { theme: 'dark', collapsed: true },
        newMessages: [message('one'), message('two')],
        newNotices: [],
      },
    ])
    clock.advance(10 * BATCH_MS)
    expect(sent).toHaveLength(1)
  })

  it('gives a snapshot that holds everything, and goes on numbering from it', () => {
    view = { ...empty, messages: [message('one')] }
    feed.message(message('one'))
    const { seq, view: shown } = feed.snapshot()
    expect(shown.messages).toEqual([message('one')])
    expect(sent.map((delta) => delta.seq)).toEqual([seq])
    feed.message(message('two'))
    clock.advance(BATCH_MS)
    expect(sent.at(-1)?.seq).toBe(seq + 1)
  })

  it('leaves a gap when the whole view changed, so that the panel asks again', () => {
    const { seq } = feed.snapshot()
    feed.message(message('of the old room'))
    view = { ...empty, login: 'other' }
    feed.reset()
    clock.advance(BATCH_MS)
    expect(sent.at(-1)).toMatchObject({ newMessages: [] })
    expect(sent.at(-1)?.seq).toBeGreaterThan(seq + 1)
    expect(feed.snapshot().view).toMatchObject({ login: 'other', messages: [] })
  })

  it('tells of a message once, as it was last, when it changed in between', () => {
    feed.message({ ...message('one'), mine: true, reach: 0 })
    feed.message({ ...message('one'), mine: true, reach: 2 })
    clock.advance(BATCH_MS)
    expect(sent.at(-1)?.newMessages).toEqual([{ ...message('one'), mine: true, reach: 2 }])
  })

  it('keeps who came and went when only messages are new, and forgets them with the room', () => {
    feed.notice({ id: '1', kind: 'arrived', name: 'Ann', ms: 1 })
    feed.reset(true)
    expect(feed.snapshot().view.notices).toHaveLength(1)
    feed.reset()
    expect(feed.snapshot().view.notices).toEqual([])
  })

  it('says nothing once it is closed', () => {
    feed.message(message('one'))
    feed.close()
    clock.advance(BATCH_MS)
    expect(sent).toEqual([])
    expect(clock.pending).toBe(0)
  })
})
