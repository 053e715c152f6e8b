import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import { useRoomStore } from '../../../stores/room'
import { fakeHost, message, own, view } from './fake-host'

const settled = () => new Promise((resolve) => setTimeout(resolve, 0))

describe('saying something', () => {
  let host: ReturnType<typeof fakeHost>
  let room: ReturnType<typeof useRoomStore>

  /** What the viewer sees: texts in order, and the name under which the list draws each. */
  const shown = () => [...room.messages, ...room.sending].map((line) => line.text)
  const keys = () => [
    ...room.messages.map((one) => room.keyOf(one.id)),
    ...room.sending.map((line) => line.key),
  ]
  const answer = async (place: number, id: string) => {
    host.said[place]?.answer({ id })
    await settled()
  }

  beforeEach(() => {
    setActivePinia(createPinia())
    host = fakeHost()
    room = useRoomStore()
    room.attach(host.connect)
    host.state('open')
    host.snapshot(view(), 0)
  })

  it('shows at once, before the host has answered', () => {
    void room.say('  hello ')
    expect(host.said[0]?.text).toBe('hello')
    expect(room.sending).toMatchObject([{ text: 'hello', refused: null }])
  })

  it('says nothing where there is nothing', () => {
    void room.say(' \n ')
    expect(host.said).toEqual([])
    expect(room.sending).toEqual([])
  })

  it('is never there twice nor gone when the delta comes after the answer', async () => {
    void room.say('hello')
    const [key] = keys()
    await answer(0, 'm1')
    expect(shown()).toEqual(['hello'])
    host.delta({ newMessages: [own('m1', 'hello')] })
    expect(shown()).toEqual(['hello'])
    expect(room.sending).toEqual([])
    expect(keys()).toEqual([key])
  })

  it('is never there twice nor gone when the delta comes before the answer', async () => {
    void room.say('hello')
    const [key] = keys()
    host.delta({ newMessages: [own('m1', 'hello')] })
    expect(shown()).toEqual(['hello'])
    expect(keys()).toEqual([key])
    await answer(0, 'm1')
    expect(shown()).toEqual(['hello'])
    expect(keys()).toEqual([key])
    expect(room.sending).toEqual([])
  })

  it('keeps two of the same text apart', async () => {
    void room.say('gg')
    void room.say('gg')
    host.delta({ newMessages: [own('m1', 'gg')] })
    expect(shown()).toEqual(['gg', 'gg'])
    await answer(0, 'm1')
    expect(shown()).toEqual(['gg', 'gg'])
    await answer(1, 'm2')
    host.delta({ newMessages: [own('m2', 'gg', 1_001)] })
    expect(shown()).toEqual(['gg', 'gg'])
    expect(new Set(keys()).size).toBe(2)
  })

  it('comes back when the message taken for it was said in another tab', async () => {
    void room.say('gg')
    host.delta({ newMessages: [own('elsewhere', 'gg')] })
    expect(shown()).toEqual(['gg'])
    await answer(0, 'm1')
    expect(shown()).toEqual(['gg', 'gg'])
    host.delta({ newMessages: [own('m1', 'gg', 1_001)] })
    expect(shown()).toEqual(['gg', 'gg'])
    expect(new Set(keys()).size).toBe(2)
  })

  it("is not mistaken for somebody else's same words", () => {
    void room.say('gg')
    host.delta({ newMessages: [message('x', { text: 'gg' })] })
    expect(shown()).toEqual(['gg', 'gg'])
  })

  it('stays with its reason when it is refused, until it is retried', async () => {
    void room.say('too quick')
    host.said[0]?.answer({ refused: 'too-fast' })
    await settled()
    expect(room.sending).toMatchObject([{ text: 'too quick', refused: 'too-fast' }])

    const key = room.sending[0]?.key ?? ''
    void room.retry(key)
    expect(host.said[1]?.text).toBe('too quick')
    expect(room.sending).toMatchObject([{ text: 'too quick', refused: null }])
    await answer(1, 'm1')
    host.delta({ newMessages: [own('m1', 'too quick')] })
    expect(shown()).toEqual(['too quick'])
  })

  it('can be discarded', async () => {
    void room.say('never mind')
    host.said[0]?.answer({ refused: 'too-fast' })
    await settled()
    room.discard(room.sending[0]?.key ?? '')
    expect(shown()).toEqual([])
  })

  it('is not shown twice when the host died after it had said it', async () => {
    void room.say('last words')
    host.state('connecting')
    host.said[0]?.die()
    await settled()
    expect(room.sending).toMatchObject([{ refused: 'host-lost' }])
    host.state('open')
    host.snapshot(view({ messages: [own('m1', 'last words')] }), 0)
    expect(shown()).toEqual(['last words'])
    expect(room.sending).toEqual([])
  })

  it('is refused where no host is attached', async () => {
    setActivePinia(createPinia())
    const alone = useRoomStore()
    await alone.say('anybody?')
    expect(alone.sending).toMatchObject([{ refused: 'host-lost' }])
  })

  it('is left behind with its room', () => {
    void room.say('in here')
    host.delta({ changed: { login: 'other' } })
    expect(shown()).toEqual([])
  })
})
