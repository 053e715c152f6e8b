import { beforeEach, describe, expect, it } from 'vitest'
import { MAX_PEOPLE_NAMED, PRESENCE_LIFETIME_MS } from '../../../protocol/limits'
import type { Passport } from '../../../protocol/passport'
import type { Presence } from '../../../protocol/presence'
import { SUSPICION_MS } from '../../../services/room/members'
import { Roster } from '../../../services/room/roster'
import { VirtualClock } from '../world/virtual-clock'

const signed = { bytes: new Uint8Array(1), sig: new Uint8Array(64) }
const passport = (device: string, account: string, name: string) =>
  ({ device, sub: account, name, ver: 1, exp: Number.MAX_SAFE_INTEGER / 1000 }) as Passport
const me = passport('me', 'mine', 'Me')
const ann = passport('d1', 'a1', 'Ann')

let clock: VirtualClock
let since: number
let roster: Roster
let notices: string[]
let changes: number

beforeEach(() => {
  clock = new VirtualClock()
  since = clock.now()
  notices = []
  changes = 0
  roster = new Roster({
    clock,
    me: me.device,
    since,
    onHeard: () => {},
    onLeft: () => {},
    onMembership: ({ kind, name }) => notices.push(`${name} ${kind}`),
    onChange: () => changes++,
  })
  clock.advance(1_000)
})

/** A word of `who`, whose visit began `age` ms before ours. */
function hear(state: Presence['state'], who = ann, age = 60_000): boolean {
  clock.advance(1)
  const { device } = who
  const presence = { device, ms: clock.now(), since: since - age, state, passport: '' } as Presence
  return roster.apply(presence, who, signed)
}

/** The link to Ann broke, and she was not heard again in time. */
function loseAnn(): void {
  roster.unlinked(ann.device)
  clock.advance(SUSPICION_MS)
  roster.expire([])
}

describe('who came before us', () => {
  it('did not arrive before our eyes, but leaves before them', () => {
    hear('here')
    expect(notices).toEqual([])
    hear('left')
    expect(notices).toEqual(['Ann left'])
  })

  it('and was wrongly thought gone is told to be back with the next word', () => {
    hear('here')
    loseAnn()
    expect(notices).toEqual(['Ann left'])
    hear('here')
    expect(notices).toEqual(['Ann left', 'Ann arrived'])
  })

  it('and was wrongly thought gone is told to be back, and is, with a link', () => {
    hear('here')
    loseAnn()
    expect(roster.get(ann.device)).toBeUndefined()
    changes = 0
    roster.linked(ann.device)
    expect(notices).toEqual(['Ann left', 'Ann arrived'])
    expect(roster.get(ann.device)?.passport).toBe(ann)
    expect(changes).toBe(1)
    roster.expire([ann.device])
    hear('here')
    expect(notices).toHaveLength(2)
  })

  it('is told to be back each time', () => {
    hear('here')
    for (let time = 0; time < 3; time++) {
      loseAnn()
      hear('here')
    }
    expect(notices).toEqual(Array.from({ length: 3 }, () => ['Ann left', 'Ann arrived']).flat())
  })

  it('is not told to have moved when their link was replaced in time', () => {
    hear('here')
    roster.unlinked(ann.device)
    clock.advance(SUSPICION_MS - 1)
    roster.linked(ann.device)
    clock.advance(SUSPICION_MS)
    roster.expire([])
    hear('here')
    expect(notices).toEqual([])
  })

  it('is not told to have moved while another of their devices is here', () => {
    hear('here')
    hear('here', passport('d2', 'a1', 'Ann'))
    loseAnn()
    hear('here')
    expect(notices).toEqual([])
  })
})

describe('who comes after us', () => {
  it('arrives, once for all devices', () => {
    hear('here', ann, -500)
    hear('here', passport('d2', 'a1', 'Ann'), -600)
    expect(notices).toEqual(['Ann arrived'])
  })

  it('neither comes nor goes by being away', () => {
    hear('here', ann, -500)
    hear('away', ann, -500)
    hear('here', ann, -500)
    expect(notices).toEqual(['Ann arrived'])
  })
})

describe('the people', () => {
  it('are told to look different only when they do', () => {
    hear('here')
    expect(changes).toBe(1)
    expect(hear('here')).toBe(true)
    expect(changes).toBe(1)
    hear('away')
    expect(changes).toBe(2)
    hear('away')
    expect(changes).toBe(2)
    roster.linked(ann.device)
    expect(changes).toBe(2)
    clock.advance(PRESENCE_LIFETIME_MS)
    roster.expire([])
    expect(changes).toBe(3)
  })

  it('are a sample with us in a crowd', () => {
    const own = { device: me.device, ms: clock.now(), since, state: 'here', passport: '' } as Presence
    roster.applyOwn(own, me, signed)
    for (let n = 0; n < MAX_PEOPLE_NAMED; n++) hear('here', passport(`d${n}`, `a${n}`, `name ${n}`))
    const { members, count } = roster.people(me.sub)
    expect(members).toHaveLength(MAX_PEOPLE_NAMED)
    expect(members.filter((member) => member.me)).toHaveLength(1)
    expect([count, roster.count]).toEqual([MAX_PEOPLE_NAMED + 1, MAX_PEOPLE_NAMED + 1])
  })

  it('include us as long as our word is newest, with no notice of our own', () => {
    const own = (ms: number, state: Presence['state']) =>
      roster.applyOwn({ device: me.device, ms, since, state, passport: '' } as Presence, me, signed)
    own(clock.now(), 'here')
    own(clock.now() - 500, 'away')
    expect(roster.people(me.sub).members).toEqual([{ accountId: 'mine', name: 'Me', me: true, away: true }])
    expect(notices).toEqual([])
  })
})

describe('what is passed on of a device’s words', () => {
  it('is little, of which copies that come over many links use up nothing', () => {
    const presence = { device: ann.device, ms: clock.now(), since, state: 'here', passport: '' } as Presence
    expect(roster.apply(presence, ann, signed)).toBe(true)
    for (let copy = 0; copy < 100; copy++) expect(roster.apply(presence, ann, signed)).toBe(false)
    expect(hear('here')).toBe(true)
    const heard = Array.from({ length: 100 }, () => hear('here')).filter(Boolean).length
    expect(heard).toBeLessThan(25)
    clock.advance(60_000)
    roster.expire([])
    expect(hear('here')).toBe(true)
  })
})
