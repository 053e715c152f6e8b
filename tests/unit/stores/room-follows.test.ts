import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import { deviceIdSchema } from '../../../protocol/device'
import { MAX_NOTICES, useRoomStore } from '../../../stores/room'
import { MAX_MESSAGES, MAX_MESSAGES_READING } from '../../../stores/timeline'
import { fakeHost, HERON, ME, message, view } from './fake-host'

/** Long after these tests. */
const LATER = 10_000_000_000_000

describe('the room store follows its host', () => {
  let host: ReturnType<typeof fakeHost>
  let room: ReturnType<typeof useRoomStore>
  const ids = () => room.messages.map((one) => one.id)
  const said = (rounds: number) =>
    Array.from({ length: rounds }, (_, i) => [1, 2, 3, 4].map((j) => `d${i}-${j}`)).flat()

  beforeEach(() => {
    setActivePinia(createPinia())
    host = fakeHost()
    room = useRoomStore()
    room.attach(host.connect)
    host.state('open')
    host.snapshot(view({ messages: [message('a')] }), 7)
  })

  it('shows a snapshot and appends deltas', () => {
    host.delta({ newMessages: [message('b')], newNotices: [{ id: 'n', kind: 'arrived', name: 'X', ms: 5 }] })
    host.delta({ changed: { theme: 'light' } })
    expect(ids()).toEqual(['a', 'b'])
    expect(room.notices.map((notice) => notice.id)).toEqual(['n'])
    expect(room.theme).toBe('light')
    expect(room.login).toBe('gamer')
    expect(host.calls).toEqual([])
  })

  it('asks for a snapshot at a gap, and loses nothing that came meanwhile', () => {
    host.delta({ newMessages: [message('c', { ms: 3_000 })] }, 9)
    host.delta({ newMessages: [message('d', { ms: 4_000 })] }, 10)
    expect(host.calls).toEqual(['refresh'])
    expect(ids()).toEqual(['a'])

    // The snapshot was made between the two.
    host.snapshot(view({ messages: [message('a'), message('b'), message('c', { ms: 3_000 })] }), 9)
    expect(ids()).toEqual(['a', 'b', 'c', 'd'])
    host.delta({ newMessages: [message('e', { ms: 5_000 })] }, 11)
    expect(ids()).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(host.calls).toEqual(['refresh'])
  })

  it('asks again where no snapshot comes', () => {
    host.delta({}, 9)
    for (let seq = 10; seq < 400; seq += 1) host.delta({}, seq)
    expect(host.calls).toEqual(['refresh', 'refresh'])
  })

  it('ignores a delta that a snapshot already held', () => {
    host.delta({ newMessages: [message('late')] }, 7)
    expect(ids()).toEqual(['a'])
    expect(host.calls).toEqual([])
  })

  it('takes a restarted host at its word, though it counts from the beginning', () => {
    host.state('connecting')
    expect(room.connection.state).toBe('connecting')
    expect(ids()).toEqual(['a'])
    host.state('open')
    host.delta({ newMessages: [message('b', { ms: 2_000 })] }, 1)
    host.snapshot(view({ messages: [message('a')] }), 0)
    expect(ids()).toEqual(['a', 'b'])
    expect(room.connection.state).toBe('connected')
    expect(host.calls).toEqual([])
  })

  it('is bounded, and keeps the newest', () => {
    const many = Array.from({ length: MAX_MESSAGES }, (_, i) => message(`s${i}`, { ms: i }))
    host.snapshot(view({ messages: many }))
    expect(room.messages).toHaveLength(MAX_MESSAGES)
    const newNotices = Array.from({ length: MAX_NOTICES + 1 }, (_, i) => ({
      id: `n${i}`,
      ms: i,
      kind: 'left' as const,
      name: 'X',
    }))
    let longest = 0
    for (let i = 0; i < 300; i += 1) {
      const newMessages = [1, 2, 3, 4].map((j) => message(`d${i}-${j}`, { ms: 20_000 + i, count: j }))
      host.delta({ newMessages, newNotices: i === 0 ? newNotices : [] })
      longest = Math.max(longest, room.messages.length)
    }
    // What is over goes in pieces, so that the list does not move at both ends with every message.
    expect(longest).toBeLessThanOrEqual(MAX_MESSAGES)
    expect(room.messages.length).toBeGreaterThan(0.9 * MAX_MESSAGES)
    expect(ids()).toEqual([...many.map(({ id }) => id), ...said(300)].slice(-room.messages.length))
    expect(room.more).toBe(true)
    expect(room.notices).toHaveLength(MAX_NOTICES)
  })

  it('drops nothing that somebody may be reading, within bounds, until they are back', () => {
    room.setAtBottom(false)
    const arrive = (from: number, count: number) =>
      host.delta({
        newMessages: Array.from({ length: count }, (_, i) =>
          message(`e${from + i}`, { ms: 3_000 + from + i }),
        ),
      })
    arrive(0, MAX_MESSAGES + 500)
    expect(ids()[0]).toBe('a')
    expect(room.messages).toHaveLength(MAX_MESSAGES + 501)
    arrive(MAX_MESSAGES + 500, MAX_MESSAGES_READING)
    expect(room.messages.length).toBeLessThanOrEqual(MAX_MESSAGES_READING)
    expect(room.messages.length).toBeGreaterThan(MAX_MESSAGES)
    room.setAtBottom(true)
    expect(room.messages.length).toBeLessThanOrEqual(MAX_MESSAGES)
    expect(ids().at(-1)).toBe(`e${MAX_MESSAGES + MAX_MESSAGES_READING + 499}`)
    expect(room.more).toBe(true)
  })

  it('orders as the log does: by time, count and device', () => {
    const device = message('x').device
    const other = { device: deviceIdSchema.parse(`${'B'.repeat(42)}A`) }
    host.delta({
      newMessages: [message('d', { ms: 2_000, count: 1 }), message('c', { ms: 2_000, ...other })],
    })
    host.delta({ newMessages: [message('b', { ms: 2_000, device }), message('early', { ms: 1 })] })
    expect(ids()).toEqual(['early', 'a', 'b', 'c', 'd'])
  })

  it('puts what was said earlier where it belongs, and changes what it has', () => {
    host.delta({ newMessages: [message('c', { ms: 3_000 }), message('b', { ms: 2_000 })] })
    host.delta({ newMessages: [message('c', { ms: 3_000, reach: 2 })] })
    expect(ids()).toEqual(['a', 'b', 'c'])
    expect(room.messages.at(-1)?.reach).toBe(2)
  })

  it('leaves everything behind when the page goes to another channel', () => {
    room.draft = 'half a sentence'
    host.delta({ changed: { login: 'other' }, newMessages: [message('x')] })
    expect(ids()).toEqual(['x'])
    expect(room.draft).toBe('')
    expect(host.calls).toEqual(['refresh'])
    host.snapshot(view({ login: 'other', messages: [message('w'), message('x')] }))
    expect(ids()).toEqual(['w', 'x'])
    host.snapshot(view())
    expect(room.draft).toBe('half a sentence')
  })

  it('closes its port when it is detached', () => {
    room.attach(host.connect)()
    expect(host.calls).toEqual(['close'])
  })

  it('passes on that the viewer does not want to wait', () => {
    room.reconnectNow()
    expect(host.calls).toEqual(['reconnectNow'])
  })

  it('does not lose its place while a host that starts again knows no page yet', () => {
    room.setCollapsed(true)
    host.delta({ newMessages: [message('b', { ms: LATER })] })
    host.state('connecting')
    host.state('open')
    host.snapshot(view({ login: null, me: null, collapsed: true }), 0)
    expect(room.login).toBeNull()
    const news = ['a', 'b', 'c'].map((id) => message(id, { ms: LATER }))
    host.snapshot(view({ collapsed: true, messages: news }), 1)
    expect(ids()).toEqual(['a', 'b', 'c'])
    expect(room.unread).toBe(2)
  })

  it('leaves everything behind when somebody else signs in', () => {
    host.snapshot(view({ me: { accountId: HERON, name: 'CalmHeron' }, messages: [] }), 8)
    expect(ids()).toEqual([])
  })

  describe('unread', () => {
    const arrive = (...news: string[]) =>
      host.delta({ newMessages: news.map((id) => message(id, { ms: LATER })) })

    it('counts what comes while the panel is collapsed', () => {
      room.setCollapsed(true)
      expect(host.calls).toEqual(['setCollapsed true'])
      expect(room.collapsed).toBe(true)
      arrive('b', 'c')
      arrive('d')
      expect(room.unread).toBe(3)
      room.setCollapsed(false)
      expect(room.unread).toBe(0)
    })

    it('counts what comes while the list is scrolled up', () => {
      arrive('b')
      expect(room.unread).toBe(0)
      room.setAtBottom(false)
      arrive('c', 'd')
      expect(room.unread).toBe(2)
      room.setAtBottom(true)
      expect(room.unread).toBe(0)
    })

    it('counts neither own messages nor what is only repeated', () => {
      arrive('b')
      room.setAtBottom(false)
      host.delta({
        newMessages: [
          message('b', { reach: 1, ms: LATER }),
          message('o', { accountId: ME, mine: true, ms: LATER }),
        ],
      })
      expect(room.unread).toBe(0)
    })

    it('does not count what was said before the newcomer came', () => {
      host.delta({ changed: { collapsed: true } })
      host.delta({ newMessages: [message('past', { ms: Date.now() - 60_000 })] })
      expect(ids()).toEqual(['a', 'past'])
      expect(room.unread).toBe(0)
      arrive('now')
      expect(room.unread).toBe(1)
    })

    it('counts what was missed while the network or the host was away, but not the first snapshot', () => {
      host.delta({ changed: { collapsed: true } })
      host.state('connecting')
      host.state('open')
      host.snapshot(view({ collapsed: true, messages: [message('a'), message('b', { ms: LATER })] }), 0)
      expect(room.unread).toBe(1)
      const elsewhere = [message('x', { ms: LATER }), message('y', { ms: LATER })]
      host.snapshot(view({ login: 'other', collapsed: true, messages: elsewhere }), 1)
      expect(room.unread).toBe(0)
    })

    it('counts what comes while the tab is out of sight', () => {
      room.setVisible(false)
      arrive('b')
      expect(room.unread).toBe(1)
      room.setVisible(true)
      expect(room.unread).toBe(0)
    })

    it('remembers the first that nobody saw come, until others come unseen or the viewer speaks', () => {
      arrive('b')
      expect(room.unreadFrom).toBeNull()
      room.setAtBottom(false)
      host.delta({ newMessages: [message('o', { accountId: ME, mine: true, ms: LATER })] })
      expect(room.unreadFrom).toBeNull()
      arrive('c', 'd')
      arrive('later')
      room.setAtBottom(true)
      room.setAtBottom(false)
      expect(room.unreadFrom).toBe('c')
      arrive('e')
      expect(room.unreadFrom).toBe('e')
      room.setAtBottom(true)
      room.say('I have read it')
      expect(room.unreadFrom).toBeNull()
    })

    it('remembers nothing of another room', () => {
      room.setAtBottom(false)
      arrive('b')
      host.snapshot(view({ login: 'other' }), 9)
      expect(room.unreadFrom).toBeNull()
    })

    it('counts nothing where the page has no room', () => {
      room.setCollapsed(true)
      arrive('b')
      host.snapshot(view({ login: null, collapsed: true }))
      expect(room.unread).toBe(0)
    })
  })
})
