import { describe, expect, it } from 'vitest'
import type { DeviceId } from '../../../protocol/device'
import { MAX_BARS, MAX_DELETIONS } from '../../../protocol/limits'
import type { MessageId } from '../../../protocol/message'
import type { Said } from '../../../protocol/moderation'
import type { Act, Heard, HeldRuling } from '../../../protocol/ruling'
import { RulingHistory } from '../../../protocol/ruling-history'
import { accountOf, decided, deviceOf } from './decided'

const EVE = { account: accountOf(7), name: 'EveEagle77' }
const MOD = { account: accountOf(1), name: 'ModMoose11' }
const heard = (seq: number, device: DeviceId = deviceOf(7)): Heard => [{ device, seq }]
const id = (n: number) => `message ${n}` as MessageId
const said = (seq: number, ms: number, change: Partial<Said> = {}): Said => ({
  id: id(seq),
  account: EVE.account,
  device: deviceOf(7),
  seq,
  time: { ms },
  ...change,
})

function given(...all: HeldRuling[]) {
  const history = new RulingHistory()
  for (const one of all) history.add(one)
  return history.moderation
}
const ban = (seq = 3): Act => ({ act: 'ban', ...EVE, heard: heard(seq) })
const unban = (seq = 3): Act => ({ act: 'unban', ...EVE, heard: heard(seq) })
const timeout = (until: number, seq = 3): Act => ({ act: 'timeout', ...EVE, heard: heard(seq), until })

describe('what moderators decide', () => {
  it('takes out what a banned account said after its last words that counted, however it is stamped', () => {
    const moderation = given(decided(ban(), { ms: 100 }))
    expect([said(3, 99), said(4, 99), said(4, 1), said(9, 900)].map((one) => moderation.voids(one))).toEqual([
      false,
      true,
      true,
      true,
    ])
    expect(moderation.voids(said(0, 50, { device: deviceOf(8) }))).toBe(true)
    expect(moderation.voids(said(9, 900, { account: accountOf(8) }))).toBe(false)
    expect(moderation.isBanned(EVE.account)).toBe(true)
    expect(moderation.barOf(EVE.account, 1e15)?.until).toBe(Number.POSITIVE_INFINITY)
  })

  it('ends with the time-out, and what was said in it stays out', () => {
    const moderation = given(decided(timeout(500), { ms: 100 }))
    expect([said(4, 499), said(4, 500), said(5, 20)].map((one) => moderation.voids(one))).toEqual([
      true,
      false,
      true,
    ])
    expect(moderation.isBanned(EVE.account)).toBe(false)
    expect(moderation.barOf(EVE.account, 499)?.until).toBe(500)
    expect(moderation.barOf(EVE.account, 500)).toBeUndefined()
  })

  it('is undone by who comes later, and what was said meanwhile stays out', () => {
    const moderation = given(decided(ban(), { ms: 100 }), decided(unban(), { ms: 200, by: 2 }))
    expect(moderation.isBanned(EVE.account)).toBe(false)
    expect([said(4, 199), said(4, 200), said(3, 50)].map((one) => moderation.voids(one))).toEqual([
      true,
      false,
      false,
    ])
    expect(given(decided(unban(), { ms: 200 }), decided(ban(), { ms: 300 })).isBanned(EVE.account)).toBe(true)
    // Whichever is heard first.
    expect(given(decided(unban(), { ms: 200 }), decided(ban(), { ms: 100 })).isBanned(EVE.account)).toBe(
      false,
    )
  })

  it('is a broadcaster’s before a moderator’s', () => {
    const byBroadcaster = decided(ban(), { ms: 100, role: 'broadcaster' })
    expect(given(byBroadcaster, decided(unban(), { ms: 200 })).isBanned(EVE.account)).toBe(true)
    const lifted = given(decided(ban(), { ms: 100 }), decided(unban(), { ms: 200, role: 'broadcaster' }))
    expect(lifted.isBanned(EVE.account)).toBe(false)
    // Whoever is let in again can misbehave again.
    const again = given(decided(unban(), { ms: 200, role: 'broadcaster' }), decided(ban(), { ms: 300 }))
    expect(again.isBanned(EVE.account)).toBe(true)
  })

  it('does not reach who has a role, unless a broadcaster decides', () => {
    const staff = decided({ act: 'staff' }, { ms: 150, by: 1, until: 1 })
    const against = (act: 'ban' | 'delete'): Act =>
      act === 'ban' ? { act, ...MOD, heard: [] } : { act, ...MOD, message: id(1), at: 90 }
    const theirs = said(1, 90, { account: MOD.account, device: deviceOf(1) })
    for (const act of ['ban', 'delete'] as const) {
      const one = decided(against(act), { ms: 100, by: 2 })
      expect(given(one).voids(theirs)).toBe(true)
      expect(given(one, staff).voids(theirs)).toBe(false)
      // Their role was over by then.
      expect(given(decided(against(act), { ms: 1_001, by: 2 }), staff).voids(theirs)).toBe(true)
      expect(given(decided(against(act), { ms: 100, role: 'broadcaster' }), staff).voids(theirs)).toBe(true)
    }
    expect(given(staff).isStaffAt(MOD.account, 1_000)).toBe(true)
    expect(given(staff).isStaffAt(EVE.account, 100)).toBe(false)
  })

  it('takes out the message that it names, of the author that it names', () => {
    const moderation = given(decided({ act: 'delete', ...EVE, message: id(2), at: 50 }, { ms: 100 }))
    expect(moderation.voids(said(2, 50))).toBe(true)
    expect(moderation.voids(said(1, 50))).toBe(false)
    expect(moderation.voids(said(2, 50, { account: accountOf(8) }))).toBe(false)
  })

  it('clears what was stamped until then', () => {
    const moderation = given(
      decided({ act: 'clear', before: 80 }, { ms: 100 }),
      decided({ act: 'clear', before: 50 }, { ms: 200 }),
    )
    expect([said(1, 80), said(2, 81)].map((one) => moderation.voids(one))).toEqual([true, false])
  })

  it('fills no memory: of each account the last word, of accounts and messages the newest, and no moderator displaces a broadcaster', () => {
    const history = new RulingHistory()
    const own = decided(ban(), { ms: 1, role: 'broadcaster' })
    history.add(own)
    for (let n = 0; n < MAX_BARS + 20; n++) {
      const account = accountOf(n % 256).replace(/^./, n < 256 ? 'x' : 'y') as typeof EVE.account
      history.add(decided({ act: 'ban', account, name: EVE.name, heard: [] }, { ms: 100 + n }))
    }
    for (let n = 0; n < 30; n++) history.add(decided(ban(n), { ms: 900 + n }))
    for (let n = 0; n < MAX_DELETIONS + 20; n++)
      history.add(decided({ act: 'delete', ...EVE, message: id(n), at: 5 }, { ms: 100 + n }))
    const of = (act: string) => history.all.filter(({ ruling }) => ruling.act === act)
    expect(of('ban')).toHaveLength(MAX_BARS + 1)
    expect(of('delete')).toHaveLength(MAX_DELETIONS)
    expect(history.has(own.id)).toBe(true)
    expect(
      of('ban').filter(({ ruling }) => 'account' in ruling && ruling.account === EVE.account),
    ).toHaveLength(2)
  })
})
