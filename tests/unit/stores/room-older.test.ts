import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import { useRoomStore } from '../../../stores/room'
import { MAX_MESSAGES } from '../../../stores/timeline'
import { fakeHost, message, settled, view } from './fake-host'

const MORE = { more: true, corrupt: 0, problem: null }
const at = (...times: number[]) => times.map((ms) => message(`m${ms}`, { ms }))

describe('older messages', () => {
  let host: ReturnType<typeof fakeHost>
  let room: ReturnType<typeof useRoomStore>
  const times = () => room.messages.map(({ ms }) => ms)
  const answer = async (place: number, more: boolean, ...page: number[]) => {
    host.pages[place]?.answer({ messages: at(...page), more })
    await settled()
  }

  beforeEach(() => {
    setActivePinia(createPinia())
    host = fakeHost()
    room = useRoomStore()
    room.attach(host.connect)
    host.state('open')
    host.snapshot(view({ messages: at(50, 60), history: MORE }), 0)
  })

  it('come page by page, one request at a time, until there are no more', async () => {
    expect(room.more).toBe(true)
    void room.loadOlder()
    void room.loadOlder()
    expect(host.pages.map(({ before }) => before)).toEqual(['m50'])
    expect(room.older).toBe('loading')
    await answer(0, true, 30, 40)
    expect(times()).toEqual([30, 40, 50, 60])
    expect(room.older).toBe('idle')
    void room.loadOlder()
    expect(host.pages[1]?.before).toBe('m30')
    await answer(1, false, 10, 20)
    expect(times()).toEqual([10, 20, 30, 40, 50, 60])
    expect(room.more).toBe(false)
    void room.loadOlder()
    expect(host.pages).toHaveLength(2)
  })

  it('are asked for again after a failure', async () => {
    void room.loadOlder()
    host.pages[0]?.fail()
    await settled()
    expect(room.older).toBe('failed')
    void room.loadOlder()
    await answer(1, false, 40)
    expect(times()).toEqual([40, 50, 60])
    expect(room.older).toBe('idle')
  })

  it('are not asked for in a circle', async () => {
    void room.loadOlder()
    await answer(0, true)
    expect(room.more).toBe(false)
  })

  it('are not asked for where nothing is older, or nothing is there', () => {
    host.snapshot(view({ messages: at(50) }), 1)
    void room.loadOlder()
    host.snapshot(view({ login: 'empty', history: MORE }), 2)
    void room.loadOlder()
    expect(host.pages).toEqual([])
  })

  it('do not turn up in another room', async () => {
    void room.loadOlder()
    host.snapshot(view({ login: 'other', messages: at(70), history: MORE }), 1)
    void room.loadOlder()
    expect(host.pages.map(({ before }) => before)).toEqual(['m50', 'm70'])
    await answer(0, false, 40)
    expect(times()).toEqual([70])
    expect(room.older).toBe('loading')
    await answer(1, false, 65)
    expect(times()).toEqual([65, 70])
  })

  it('that could not be loaded elsewhere are no fault here', async () => {
    void room.loadOlder()
    host.snapshot(view({ login: 'other', messages: at(70), history: MORE }), 1)
    host.pages[0]?.fail()
    await settled()
    expect(room.older).toBe('idle')
  })

  it('are let go where they no longer continue what is shown', async () => {
    void room.loadOlder()
    host.snapshot(view({ messages: at(80, 90), history: MORE }), 1)
    await answer(0, false, 40)
    expect(times()).toEqual([80, 90])
    expect(room.more).toBe(true)
    expect(room.older).toBe('idle')
  })

  it('are asked for anew after a reconnect, where asking failed', async () => {
    void room.loadOlder()
    await host.die()
    expect(room.older).toBe('failed')
    host.snapshot(view({ messages: at(50, 60), history: MORE }), 0)
    expect(room.older).toBe('idle')
  })

  it('do not count as unread', async () => {
    room.setAtBottom(false)
    void room.loadOlder()
    host.pages[0]?.answer({ messages: [message('future', { ms: 49 })], more: true })
    await settled()
    expect(room.unread).toBe(0)
  })

  it('that others bring wait for their page, so that none between is skipped', async () => {
    host.delta({ newMessages: at(20, 55) })
    expect(times()).toEqual([50, 55, 60])
    void room.loadOlder()
    await answer(0, false, 20, 30, 40)
    expect(times()).toEqual([20, 30, 40, 50, 55, 60])
    host.delta({ newMessages: at(10) })
    expect(times()).toEqual([10, 20, 30, 40, 50, 55, 60])
  })

  it('stay when a fresh snapshot continues them', async () => {
    void room.loadOlder()
    await answer(0, false, 30, 40)
    host.state('connecting')
    host.state('open')
    host.snapshot(view({ messages: at(60, 70), history: MORE }), 0)
    expect(times()).toEqual([30, 40, 50, 60, 70])
    expect(room.more).toBe(false)
  })

  it('go when a fresh snapshot would leave a hole', async () => {
    void room.loadOlder()
    await answer(0, false, 30, 40)
    host.snapshot(view({ messages: at(80, 90), history: MORE }), 1)
    expect(times()).toEqual([80, 90])
    expect(room.more).toBe(true)
  })

  it('go when a snapshot says that it is everything', async () => {
    void room.loadOlder()
    await answer(0, true, 30, 40)
    host.snapshot(view({ messages: at(60) }), 1)
    expect(times()).toEqual([60])
    host.snapshot(view({ messages: [] }), 2)
    expect(times()).toEqual([])
  })

  it('that were let go here can be asked for again', () => {
    const many = Array.from({ length: MAX_MESSAGES + 1 }, (_, i) => message(`n${i}`, { ms: 1_000 + i }))
    host.snapshot(view({ messages: at(50) }), 1)
    host.delta({ newMessages: many })
    expect(room.more).toBe(true)
    host.delta({ changed: { history: { more: false, corrupt: 0, problem: null } } })
    expect(room.more).toBe(true)
  })

  it('turn up when the host learns of them', () => {
    host.snapshot(view({ messages: at(50) }), 1)
    host.delta({ changed: { history: { ...MORE, corrupt: 2 } } })
    expect(room.more).toBe(true)
    expect(room.history.corrupt).toBe(2)
  })

  it('are loaded until the one that is looked for is there', async () => {
    const found = room.find('m10')
    await answer(0, true, 30, 40)
    await answer(1, true, 10, 20)
    expect(await found).toBe(true)
    expect(host.pages).toHaveLength(2)
    expect(await room.find('m40')).toBe(true)
    expect(host.pages).toHaveLength(2)
  })

  it('are looked through to the end and no further', async () => {
    const found = room.find('nowhere')
    await answer(0, false, 30, 40)
    expect(await found).toBe(false)
    const failing = room.find('nowhere')
    expect(await failing).toBe(false)
    expect(host.pages).toHaveLength(1)
  })

  it('that cannot be loaded end the looking', async () => {
    const found = room.find('m10')
    host.pages[0]?.fail()
    expect(await found).toBe(false)
    expect(host.pages).toHaveLength(1)
  })

  it('are waited for where they are on their way already', async () => {
    void room.loadOlder()
    const found = room.find('m30')
    await answer(0, true, 30, 40)
    expect(await found).toBe(true)
  })

  it('are forgotten on demand, and the whole view is asked for', async () => {
    expect(await room.clearHistory()).toBe(true)
    expect(host.calls).toEqual(['clearHistory', 'refresh'])
    host.broken.add('clearHistory')
    expect(await room.clearHistory()).toBe(false)
  })
})
