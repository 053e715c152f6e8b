import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import { useRoomStore } from '../../../stores/room'
import { fakeHost, HERON, ME, message, own, settled, view, waiting } from './fake-host'

describe('saying something', () => {
  let host: ReturnType<typeof fakeHost>
  let room: ReturnType<typeof useRoomStore>

  /** What the viewer sees: texts in order, and the name under which the list draws each. */
  const shown = () => [...room.messages, ...room.waiting].map((line) => line.text)
  const keys = () => [...room.messages.map(({ key, id }) => key ?? id), ...room.waiting.map(({ key }) => key)]
  const accept = async (place: number) => {
    host.said[place]?.answer({ accepted: true })
    await settled()
  }
  const keyOf = (place: number) => host.said[place]?.key ?? ''

  beforeEach(() => {
    setActivePinia(createPinia())
    host = fakeHost()
    room = useRoomStore()
    room.attach(host.connect)
    host.snapshot(view(), 0)
    host.state('open')
  })

  it('shows at once under a key of its own, before the host has answered', () => {
    room.say('  hello ')
    expect(host.said[0]?.text).toBe('hello')
    expect(keyOf(0)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/)
    expect(room.waiting).toMatchObject([{ key: keyOf(0), text: 'hello', state: 'sending' }])
  })

  it('finds what was being written before, and tells a host that comes back of the last of it', async () => {
    host.drafts.set(`${ME} other`, { text: 'half a', reply: null })
    host.snapshot(view({ login: 'other' }))
    await settled()
    expect(room.draft).toBe('half a')
    room.draft = 'half a sentence'
    expect(host.drafts.get(`${ME} other`)?.text).toBe('half a sentence')
    host.drafts.clear()
    await host.die()
    host.snapshot(view({ login: 'other' }))
    host.state('open')
    expect(host.drafts.get(`${ME} other`)?.text).toBe('half a sentence')
  })

  it('says nothing where there is nothing', () => {
    room.say(' \n ')
    expect(host.said).toEqual([])
    expect(room.waiting).toEqual([])
  })

  it('is never there twice nor gone, whatever comes first', async () => {
    room.say('answer first')
    await accept(0)
    expect(shown()).toEqual(['answer first'])
    host.delta({ changed: { waiting: [waiting(keyOf(0), { text: 'answer first' })] } })
    expect(shown()).toEqual(['answer first'])
    expect(keys()).toEqual([keyOf(0)])
    host.delta({ changed: { waiting: [] }, newMessages: [own('m1', 'answer first', { key: keyOf(0) })] })
    expect(shown()).toEqual(['answer first'])
    expect(keys()).toEqual([keyOf(0)])

    room.say('message first')
    host.delta({ newMessages: [own('m2', 'message first', { key: keyOf(1) })] })
    expect(keys()).toEqual([keyOf(0), keyOf(1)])
    await accept(1)
    expect(keys()).toEqual([keyOf(0), keyOf(1)])
    expect(room.waiting).toEqual([])
  })

  it('shows once while the host lists it both as waiting and as said', () => {
    room.say('hello')
    host.delta({
      changed: { waiting: [waiting(keyOf(0))] },
      newMessages: [own('m1', 'hello', { key: keyOf(0) })],
    })
    expect(keys()).toEqual([keyOf(0)])
  })

  it('keeps two of the same text apart, and from those of others', async () => {
    room.say('gg')
    room.say('gg')
    host.delta({ newMessages: [message('x', { text: 'gg' }), own('elsewhere', 'gg')] })
    expect(shown()).toHaveLength(4)
    host.delta({ newMessages: [own('m1', 'gg', { key: keyOf(1), ms: 2_000 })] })
    expect(keys()).toEqual(['x', 'elsewhere', keyOf(1), keyOf(0)])
  })

  it('shows what the host says of it', async () => {
    room.say('later')
    await accept(0)
    host.delta({ changed: { waiting: [waiting(keyOf(0), { state: 'network' })] } })
    expect(room.waiting).toMatchObject([{ key: keyOf(0), state: 'network' }])
    host.delta({ changed: { waiting: [waiting(keyOf(0), { state: 'refused', refused: 'too-late' })] } })
    expect(room.waiting).toMatchObject([{ state: 'refused', refused: 'too-late' }])
    room.sayAgain(keyOf(0))
    expect(host.calls).toEqual([`sayAgain ${keyOf(0)}`])
  })

  it('shows what waits from an earlier visit, before what is typed now', () => {
    host.snapshot(view({ waiting: [waiting('old')] }), 1)
    room.say('new')
    expect(keys()).toEqual(['old', keyOf(0)])
  })

  it('stays with its reason when the host did not take it, and is said again under its key', async () => {
    room.say('too much')
    host.said[0]?.answer({ refused: 'too-many-waiting' })
    await settled()
    expect(room.waiting).toMatchObject([{ text: 'too much', state: 'refused', refused: 'too-many-waiting' }])
    room.sayAgain(keyOf(0))
    expect(host.said[1]).toMatchObject({ key: keyOf(0), text: 'too much' })
    expect(room.waiting).toEqual([expect.objectContaining({ key: keyOf(0), state: 'sending' })])
    expect(room.waiting[0]).not.toHaveProperty('refused')
    await accept(1)
    host.delta({ newMessages: [own('m1', 'too much', { key: keyOf(0) })] })
    expect(keys()).toEqual([keyOf(0)])
  })

  it('can be discarded where the host did not take it', async () => {
    room.say('never mind')
    host.said[0]?.answer({ refused: 'storage' })
    await settled()
    room.discard(keyOf(0))
    expect(shown()).toEqual([])
    expect(host.calls).toEqual([])
  })

  it('can be discarded while it waits, at once; comes back where the host was not told', async () => {
    host.snapshot(view({ waiting: [waiting('a', { state: 'network' }), waiting('b')] }), 1)
    room.discard('a')
    expect(keys()).toEqual(['b'])
    expect(host.calls).toEqual(['discard a'])
    host.delta({ changed: { waiting: [waiting('b')] } })
    host.broken.add('discard')
    room.discard('b')
    await settled()
    expect(keys()).toEqual(['b'])
  })

  it('goes when it was discarded in another tab before the host had answered here', async () => {
    room.say('hm')
    host.delta({ changed: { waiting: [waiting(keyOf(0))] } })
    host.delta({ changed: { waiting: [] } })
    expect(shown()).toEqual([])
    await accept(0)
    expect(shown()).toEqual([])
  })

  it('says that something went wrong when the host fails but stays', async () => {
    room.say('hello')
    host.said[0]?.die()
    await settled()
    expect(room.waiting).toMatchObject([{ state: 'refused', refused: 'failed' }])
  })

  describe('to a host that died', () => {
    const comeBack = async (back = view()) => {
      host.snapshot(back, 0)
      host.state('open')
      await settled()
    }

    it('is said again by itself under the same key, in order, and shows as sending meanwhile', async () => {
      room.say('one')
      room.say('two')
      await host.die()
      room.say('three')
      expect(host.said).toHaveLength(2)
      expect(room.waiting.map(({ text, state }) => `${text} ${state}`)).toEqual([
        'one sending',
        'two sending',
        'three sending',
      ])
      const before = keys()
      await comeBack()
      expect(host.said.slice(2).map(({ text }) => text)).toEqual(['one', 'two', 'three'])
      expect(host.said.slice(2).map(({ key }) => key)).toEqual(before)
      await comeBack()
      expect(host.said).toHaveLength(5)
    })

    it('is not said again when the new host knows it', async () => {
      room.say('waits')
      room.say('said')
      host.delta({ changed: { waiting: [waiting(keyOf(0)), waiting(keyOf(1))] } })
      await host.die()
      await comeBack(view({ waiting: [waiting(keyOf(0))], messages: [own('m1', 'said', { key: keyOf(1) })] }))
      expect(host.said).toHaveLength(2)
      expect(keys()).toEqual([keyOf(1), keyOf(0)])
    })

    it('is said again when the host had listed it, but not yet answered', async () => {
      room.say('half safe')
      host.delta({ changed: { waiting: [waiting(keyOf(0))] } })
      await host.die()
      await comeBack()
      expect(host.said[1]?.key).toBe(keyOf(0))
      expect(keys()).toEqual([keyOf(0)])
    })

    it('goes when the new host took it long ago under a key that it forgot', async () => {
      room.say('last words')
      await host.die()
      await comeBack(view({ messages: [own('m1', 'last words')] }))
      await accept(1)
      expect(host.calls).toEqual(['refresh'])
      host.snapshot(view({ messages: [own('m1', 'last words')] }))
      expect(shown()).toEqual(['last words'])
    })

    it('keeps the name of its row though the new host forgot the key', async () => {
      room.say('hello')
      await accept(0)
      host.delta({ newMessages: [own('m1', 'hello', { key: keyOf(0) })] })
      await host.die()
      await comeBack(view({ messages: [own('m1', 'hello')] }))
      expect(keys()).toEqual([keyOf(0)])
    })

    it('waits until the new host knows room and speaker', async () => {
      room.say('in here')
      await host.die()
      await comeBack(view({ login: null }))
      expect(host.said).toHaveLength(1)
      host.snapshot(view({ me: null }))
      expect(host.said).toHaveLength(1)
      host.snapshot(view())
      expect(host.said[1]?.text).toBe('in here')
    })

    it('is said in no other room and by nobody else, but on the return', async () => {
      room.say('in here')
      await host.die()
      await comeBack(view({ login: 'other' }))
      host.snapshot(view({ me: { accountId: HERON, name: 'CalmHeron' } }))
      expect(host.said).toHaveLength(1)
      expect(shown()).toEqual([])
      host.snapshot(view())
      expect(host.said[1]?.key).toBe(keyOf(0))
      expect(shown()).toEqual(['in here'])
    })
  })

  it('needs a room', () => {
    setActivePinia(createPinia())
    const alone = useRoomStore()
    alone.say('anybody?')
    expect(alone.waiting).toEqual([])
  })

  it('tells when somebody writes', () => {
    room.writing(true)
    room.writing(false)
    expect(host.calls).toEqual(['writing true', 'writing false'])
  })
})
