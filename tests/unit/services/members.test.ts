import { describe, expect, it } from 'vitest'
import { PRESENCE_LIFETIME_MS } from '../../../protocol/limits'
import type { Passport } from '../../../protocol/passport'
import type { Presence } from '../../../protocol/presence'
import { Members, SUSPICION_MS } from '../../../services/room/members'

const NOW = 1_000_000
const signed = { bytes: new Uint8Array(1), sig: new Uint8Array(64) }
const passport = (device: string, account: string, name: string, ver = 1) =>
  ({ device, sub: account, name, ver, exp: Number.MAX_SAFE_INTEGER / 1000 }) as Passport
const presence = (device: string, state: Presence['state'], ms = NOW) => ({ device, state, ms }) as Presence

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
      { accountId: 'a1', name: 'NewName', me: true },
      { accountId: 'a3', name: 'Ben', me: false },
    ])
  })
})
