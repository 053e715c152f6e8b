import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { icePolicy, isBetterWay, type Way, wayToOffer } from '../../../../services/mesh/way'

const standing = fc.record({
  ourDirect: fc.boolean(),
  theirDirect: fc.option(fc.boolean(), { nil: undefined }),
  hasTurn: fc.boolean(),
})

describe('which way', () => {
  it('shows an address only when both agreed', () => {
    fc.assert(
      fc.property(standing, fc.boolean(), (terms, hasFailed) => {
        const way = wayToOffer(terms, hasFailed)
        const policies = [icePolicy(terms), way.via === 'rtc' ? way.policy : undefined]
        const areAgreed = terms.ourDirect && terms.theirDirect === true
        if (!areAgreed) expect(policies).not.toContain('all')
        if (policies.includes('relay')) expect(terms.hasTurn).toBe(true)
      }),
    )
  })

  it.each<[boolean, boolean | undefined, boolean, boolean, Way]>([
    [true, true, false, false, { via: 'rtc', policy: 'all' }],
    [true, true, true, false, { via: 'rtc', policy: 'all' }],
    [true, undefined, true, false, { via: 'rtc', policy: 'relay' }],
    [true, false, true, false, { via: 'rtc', policy: 'relay' }],
    [false, true, true, false, { via: 'rtc', policy: 'relay' }],
    [false, true, false, false, { via: 'hub' }],
    [true, undefined, false, false, { via: 'hub' }],
    [true, true, true, true, { via: 'hub' }],
  ])('of ours %s, theirs %s, TURN %s, failed %s is %o', (ourDirect, theirDirect, hasTurn, failed, way) => {
    expect(wayToOffer({ ourDirect, theirDirect, hasTurn }, failed)).toEqual(way)
  })

  it('gets better from the room object over TURN to direct', () => {
    const ways: Way[] = [{ via: 'hub' }, { via: 'rtc', policy: 'relay' }, { via: 'rtc', policy: 'all' }]
    const better = ways.map((way) => ways.map((other) => isBetterWay(way, other)))
    expect(better).toEqual([
      [false, false, false],
      [true, false, false],
      [true, true, false],
    ])
  })
})
