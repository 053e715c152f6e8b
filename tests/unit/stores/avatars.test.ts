import { describe, expect, it } from 'vitest'
import { createAvatars } from '../../../stores/avatars'
import { HERON, ME, member, message } from './fake-host'

const people = (...more: { avatar?: string }[]) =>
  more.map((one) => member('Heron', { accountId: HERON, ...one }))

describe('avatars of a room', () => {
  it('are those of the people here, as they are now', () => {
    const { avatars, people: meet } = createAvatars()
    meet(people({ avatar: 'one' }))
    expect(avatars.value.get(HERON)).toBe('one')
    meet(people({ avatar: 'two' }))
    expect(avatars.value.get(HERON)).toBe('two')
    meet(people({}))
    expect(avatars.value.has(HERON)).toBe(false)
  })

  it('are remembered of those who left, and learnt from what they said', () => {
    const { avatars, people: meet, messages } = createAvatars()
    meet(people({ avatar: 'one' }))
    meet([])
    messages([message('a'), message('b', { accountId: ME, avatar: 'mine' })])
    expect([...avatars.value]).toEqual([
      [HERON, 'one'],
      [ME, 'mine'],
    ])
  })

  it('tell nobody when nothing has changed', () => {
    const { avatars, people: meet, messages } = createAvatars()
    meet(people({ avatar: 'one' }))
    const before = avatars.value
    meet(people({ avatar: 'one' }))
    messages([message('a', { avatar: 'one' }), message('b')])
    expect(avatars.value).toBe(before)
  })

  it('are not kept without end', () => {
    const { avatars, messages } = createAvatars()
    const crowd = Array.from({ length: 2_100 }, (_, index) =>
      message(`${index}`, { accountId: member(`p${index}`).accountId, avatar: `${index}` }),
    )
    messages(crowd)
    expect(avatars.value.size).toBe(2_000)
    expect(avatars.value.get(member('p2099').accountId)).toBe('2099')
  })
})
