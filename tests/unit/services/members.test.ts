import { describe, expect, it } from 'vitest'
import { PRESENCE_LIFETIME_MS } from '../../../protocol/limits'
import type { Passport } from '../../../protocol/passport'
import type { Presence } from '../../../protocol/presence'
import { Members, SUSPICION_MS } from '../../../services/room/members'

const NOW = 1_000_000
const signed = { bytes: new Uint8Array(1), sig: new Uint8Array(64) }
const passport = (device: string, account: string, name: string, ver = 1) =>
  ({ device, sub: account, name, ver, exp: Number.MAX_SAFE_INTEGER / 1000 }) as Passport
const presence = (device: string, state: Presence['state'], ms = NOW) =>
  ({ device, state, ms, passport: `jwt of ${device}` }) as Presence

function room() {
  const members = new Members()
  return {
    members,
    hear: (state: Presence['state'], ms = NOW, at = NOW, who = passport('d1', 'a1', 'Ann')) =>
      members.apply(presence(who.device, state, ms), who, signed, at),
  }
}

describe('members', () => {
  it('arrive, stay and leave by their newest word', () => {
    const { hear } = room()
    expect(hear('here', NOW)).toBe('arrived')
    expect(hear('here', NOW)).toBe('known')
    expect(hear('here', NOW + 1)).toBe('renewed')
    expect(hear('here', NOW - 1)).toBe('known')
    expect(hear('left', NOW + 2)).toBe('left')
    expect(hear('left', NOW + 3)).toBe('known')
  })

  it('are not revived by an old word that comes late', () => {
    const { hear, members } = room()
    hear('here', NOW)
    hear('left', NOW + 10)
    expect(hear('here', NOW + 5)).toBe('known')
    expect(members.all).toEqual([])
    expect(hear('here', NOW + 11)).toBe('arrived')
  })

  it('who left before they were heard here do not arrive', () => {
    const { hear, members } = room()
    expect(hear('left', NOW + 10)).toBe('known')
    expect(hear('here', NOW)).toBe('known')
    expect(members.all).toEqual([])
  })

  it('are forgotten when they were silent, sooner when their link broke', () => {
    const { hear, members } = room()
    hear('here', NOW)
    expect(members.expire(NOW + PRESENCE_LIFETIME_MS - 1)).toEqual([])
    expect(members.expire(NOW + PRESENCE_LIFETIME_MS)).toHaveLength(1)
    hear('here', NOW + 1)
    members.suspect(passport('d1', 'a1', 'Ann').device, NOW + 1)
    expect(members.expire(NOW + SUSPICION_MS)).toEqual([])
    expect(members.expire(NOW + 1 + SUSPICION_MS)).toHaveLength(1)
  })

  it('who were forgotten come back by a new word only', () => {
    const { hear, members } = room()
    hear('here', NOW)
    members.expire(NOW + PRESENCE_LIFETIME_MS)
    expect(hear('here', NOW, NOW + 1_000)).toBe('known')
    expect(hear('here', NOW + 1, NOW + 1_000)).toBe('arrived')
  })

  it('are not here longer than their passport holds', () => {
    const { hear, members } = room()
    const brief = { ...passport('d1', 'a1', 'Ann'), exp: (NOW + 5_000) / 1000 }
    hear('here', NOW, NOW, brief)
    members.trust(brief.device, NOW + 1_000)
    expect(members.expire(NOW + 4_999)).toEqual([])
    expect(members.expire(NOW + 5_000)).toHaveLength(1)
  })

  it('whose link is up again are not suspected any more', () => {
    const { hear, members } = room()
    const { device } = passport('d1', 'a1', 'Ann')
    hear('here', NOW)
    members.suspect(device, NOW)
    members.trust(device, NOW + 1)
    expect(members.expire(NOW + SUSPICION_MS + 2)).toEqual([])
  })

  it('cannot stay long by a stamp ahead of time', () => {
    const { hear, members } = room()
    hear('here', NOW + 25_000, NOW)
    expect(members.expire(NOW + PRESENCE_LIFETIME_MS)).toHaveLength(1)
  })

  it('are people: two devices of one account are one, under their newest name', () => {
    const { hear, members } = room()
    hear('here', NOW, NOW, passport('d1', 'a1', 'OldName', 1))
    hear('here', NOW, NOW, passport('d2', 'a1', 'NewName', 2))
    hear('here', NOW, NOW, passport('d3', 'a3', 'Ben', 1))
    const [ann] = members.all
    expect(members.people(ann?.passport.sub ?? passport('', '', '').sub)).toEqual([
      { accountId: 'a1', name: 'NewName', me: true, away: false },
      { accountId: 'a3', name: 'Ben', me: false, away: false },
    ])
    expect(members.count).toBe(2)
  })

  it('are away when each of their devices is', () => {
    const { hear, members } = room()
    const [first, second] = [passport('d1', 'a1', 'Ann'), passport('d2', 'a1', 'Ann')]
    const isAway = () => members.people(first.sub).map(({ away }) => away)
    expect(hear('away', NOW, NOW, first)).toBe('arrived')
    expect(isAway()).toEqual([true])
    hear('here', NOW, NOW, second)
    expect(isAway()).toEqual([false])
    expect(hear('away', NOW + 1, NOW, second)).toBe('changed')
    expect(isAway()).toEqual([true])
    expect(hear('away', NOW + 2, NOW, second)).toBe('renewed')
    expect(hear('here', NOW + 3, NOW, first)).toBe('changed')
    expect(isAway()).toEqual([false])
  })

  it('who take another name, or another account, look different', () => {
    const { hear, members } = room()
    hear('here', NOW)
    expect(hear('here', NOW + 1, NOW, passport('d1', 'a1', 'Anna', 2))).toBe('changed')
    const moved = passport('d1', 'a2', 'Anna', 2)
    expect(hear('here', NOW + 2, NOW, moved)).toBe('changed')
    expect(members.people(moved.sub)).toEqual([{ accountId: 'a2', name: 'Anna', me: true, away: false }])
  })

  it('keep the passport as it came', () => {
    const { hear, members } = room()
    hear('here')
    expect(members.all.map(({ jwt }) => jwt)).toEqual(['jwt of d1'])
  })

  it('are not counted once they are gone, however they went', () => {
    const { hear, members } = room()
    const devices = ['d1', 'd2', 'd3'].map((device) => passport(device, `a${device}`, device))
    for (const who of devices) hear('here', NOW, NOW, who)
    hear('left', NOW + 1, NOW, devices[0])
    members.forget(passport('d2', '', '').device)
    expect(members.count).toBe(1)
    members.expire(NOW + PRESENCE_LIFETIME_MS)
    expect(members.count).toBe(0)
  })

  it('who were only silent are back once there is a link to them, those who said goodbye are not', () => {
    const { hear, members } = room()
    const { device } = passport('d1', 'a1', 'Ann')
    hear('here', NOW)
    members.suspect(device, NOW)
    members.expire(NOW + SUSPICION_MS)
    expect(members.trust(device, NOW + SUSPICION_MS + 1)?.ms).toBe(NOW)
    expect(members.trust(device, NOW + SUSPICION_MS + 2)).toBeUndefined()
    expect(members.get(device)?.expiresAt).toBe(NOW + SUSPICION_MS + 2 + PRESENCE_LIFETIME_MS)
    hear('left', NOW + 5)
    expect(members.trust(device, NOW + SUSPICION_MS + 3)).toBeUndefined()
    expect(members.all).toEqual([])
  })

  it('whose passport has ended do not come back by a link', () => {
    const { hear, members } = room()
    const brief = { ...passport('d1', 'a1', 'Ann'), exp: (NOW + 5_000) / 1000 }
    hear('here', NOW, NOW, brief)
    members.expire(NOW + 5_000)
    expect(members.trust(brief.device, NOW + 5_000)).toBeUndefined()
    expect(members.all).toEqual([])
  })

  describe('in a crowd', () => {
    const id = (n: number) => `a${String(n).padStart(3, '0')}`
    const crowd = (size: number) => {
      const { hear, members } = room()
      // Not in the order of their names.
      for (let n = 0; n < size; n++)
        hear('here', NOW, NOW, passport(`d${n}`, id((n * 7) % size), `name ${n}`))
      const sample = (me: number, max: number) => members.sample(passport('', id(me), '').sub, max)
      return { hear, sample }
    }

    it('are all told while they are no more than asked for', () => {
      const { members, count } = crowd(10).sample(9, 10)
      expect(new Set(members.map(({ accountId }) => accountId)).size).toBe(10)
      expect(count).toBe(10)
    })

    it('are told in part, with me and the same others each time', () => {
      const { hear, sample } = crowd(50)
      const before = sample(49, 10)
      expect(before.count).toBe(50)
      expect(before.members.map(({ accountId }) => accountId)).toEqual(
        [49, 0, 1, 2, 3, 4, 5, 6, 7, 8].map(id),
      )
      expect(before.members.filter(({ me }) => me)).toHaveLength(1)
      hear('here', NOW, NOW, passport('d99', id(60), 'late'))
      expect(sample(49, 10)).toEqual({ ...before, count: 51 })
      expect(sample(3, 10).members.filter(({ accountId }) => accountId === id(3))).toHaveLength(1)
    })

    it('are told without me when I am not among them', () => {
      const { members, count } = crowd(50).sample(999, 10)
      expect([members.length, count]).toEqual([10, 50])
      expect(members.some(({ me }) => me)).toBe(false)
    })
  })
})
