import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import { useRoomStore } from '../../../stores/room'
import { MAX_FOUND } from '../../../stores/room-search'
import { fakeHost, member, message, view } from './fake-host'

describe('searching a room', () => {
  let host: ReturnType<typeof fakeHost>
  let room: ReturnType<typeof useRoomStore>
  const found = async (text: string, ...kept: Parameters<typeof message>[0][]) => {
    const answer = room.search(text)
    host.searches.at(-1)?.answer({ messages: kept.map((id) => message(id, { ms: 5 })), more: false })
    return (await answer).messages.map(({ id }) => id)
  }

  beforeEach(() => {
    setActivePinia(createPinia())
    host = fakeHost()
    room = useRoomStore()
    room.attach(host.connect)
    host.state('open')
    host.snapshot(
      view({
        messages: [
          message('a', { ms: 10, text: 'Größe zählt' }),
          message('b', { ms: 20, text: 'the FILTER opens', name: 'ZoëHeron' }),
          message('c', { ms: 30, text: 'filter again' }),
        ],
      }),
    )
  })

  it('finds what the panel has and what the host keeps, each once and the newest first', async () => {
    expect(await found('filter', 'c', 'old')).toEqual(['c', 'b', 'old'])
    expect(host.searches[0]?.text).toBe('filter')
  })

  it.each([
    ['grosse', ['a']],
    ['ZAHLT GRÖ', ['a']],
    ['zoe filter', ['b']],
    ['filter opens again', []],
    ['ﬁlter', ['c', 'b']],
  ])('by words, in whatever case and with whatever accents: %j', async (text, ids) => {
    expect(await found(text)).toEqual(ids)
  })

  it('finds nothing without words, and asks nobody', async () => {
    expect(await room.search(' \n ')).toEqual({ messages: [], more: false })
    expect(host.searches).toEqual([])
  })

  it('is bounded, and says so', async () => {
    const many = Array.from({ length: MAX_FOUND + 1 }, (_, i) =>
      message(`n${i}`, { ms: 100 + i, text: 'many' }),
    )
    host.delta({ newMessages: many })
    const answer = room.search('many')
    host.searches[0]?.answer({ messages: [], more: false })
    const { messages, more } = await answer
    expect(messages.map(({ id }) => id)).toEqual(
      many
        .slice(1)
        .reverse()
        .map(({ id }) => id),
    )
    expect(more).toBe(true)
  })

  it('fails where the host is away', async () => {
    const answer = room.search('filter')
    host.searches[0]?.fail()
    await expect(answer).rejects.toThrow()
  })
})

describe('people of a room', () => {
  it('have roles and names as far as they were seen, and lose them with the room', () => {
    setActivePinia(createPinia())
    const host = fakeHost()
    const room = useRoomStore()
    room.attach(host.connect)
    host.state('open')
    const moderator = member('Mod', { role: 'moderator' })
    host.snapshot(
      view({ members: [moderator], messages: [message('a', { role: 'broadcaster', name: 'Was' })] }),
    )
    expect(room.roles.get(moderator.accountId)).toBe('moderator')
    expect(room.roles.get(message('a').accountId)).toBe('broadcaster')
    // What somebody was called in what is old says nothing about now.
    expect([...room.names.values()]).toEqual(['Mod'])
    host.delta({ newMessages: [message('b', { name: 'Is', ms: 2_000 })] })
    expect([...room.names.values()]).toEqual(['Mod', 'Is'])
    host.delta({ changed: { members: [member('Mod')] } })
    expect(room.roles.has(moderator.accountId)).toBe(false)
    host.snapshot(view({ login: 'other', members: [] }), 9)
    expect([room.roles.size, room.names.size]).toEqual([0, 0])
  })
})
