import { beforeEach, describe, expect, it } from 'vitest'
import type { DeviceId } from '../../../../protocol/device'
import { PRESENCE_LIFETIME_MS } from '../../../../protocol/limits'
import { isTurnLocal, turnServers } from '../../../../services/mesh/ice-servers'
import { RTC_AGAIN_MS, RTC_UNANSWERED_MS, Terms } from '../../../../services/mesh/terms'
import { TURN } from '../../world/link-world'
import { VirtualClock } from '../../world/virtual-clock'

const PEER = 'peer' as DeviceId
const ALL = { via: 'rtc', policy: 'all' }
const RELAY = { via: 'rtc', policy: 'relay' }
const HUB = { via: 'hub' }

let clock: VirtualClock
let direct: boolean
let terms: Terms
beforeEach(() => {
  clock = new VirtualClock()
  direct = true
  terms = new Terms({ clock, direct: () => direct, iceServers: () => TURN })
})

describe('terms with a peer', () => {
  it('are those of both', () => {
    expect(terms.wayTo(PEER)).toEqual(RELAY)
    expect(terms.heard(PEER, true, 1)).toBe(true)
    expect(terms.wayTo(PEER)).toEqual(ALL)
    direct = false
    expect(terms.wayTo(PEER)).toEqual(RELAY)
  })

  it('count its newest word, and a no even if it comes late', () => {
    terms.heard(PEER, true, 100)
    expect(terms.heard(PEER, false, 100)).toBe(true)
    expect(terms.areAgreed(PEER)).toBe(false)
    for (const ms of [0, 99, 100]) expect(terms.heard(PEER, true, ms)).toBe(false)
    expect(terms.wayTo(PEER)).toEqual(RELAY)
    expect(terms.heard(PEER, true, 101)).toBe(true)
    expect(terms.heard(PEER, true, 150)).toBe(false)
    expect(terms.wayTo(PEER)).toEqual(ALL)
    expect(terms.heard(PEER, false, 7)).toBe(true)
    expect(terms.heard(PEER, true, 149)).toBe(false)
    expect(terms.policyFor(PEER, true)).toBe('relay')
  })

  it('count no word longer than it takes to be repeated', () => {
    terms.heard(PEER, true, 100)
    clock.advance(PRESENCE_LIFETIME_MS)
    expect(terms.areAgreed(PEER)).toBe(false)
  })

  it('let a direct link stand until one end takes its word back, however the clock goes', () => {
    terms.heard(PEER, true, 100)
    for (const ms of [10 * PRESENCE_LIFETIME_MS, -20 * PRESENCE_LIFETIME_MS]) {
      clock.advance(ms)
      expect([terms.mayStay(PEER), terms.areAgreed(PEER)]).toEqual([true, false])
    }
    terms.heard(PEER, false, 101)
    expect(terms.mayStay(PEER)).toBe(false)
    terms.heard(PEER, true, 102)
    direct = false
    expect(terms.mayStay(PEER)).toBe(false)
  })

  it('are what it says in its offer, too', () => {
    terms.heard(PEER, true, 1)
    expect(terms.policyFor(PEER, true)).toBe('all')
    expect(terms.policyFor(PEER, false)).toBe('relay')
    direct = false
    expect(terms.policyFor(PEER, true)).toBe('relay')
  })

  it('leave WebRTC alone for a while after it failed', () => {
    terms.heard(PEER, true, 1)
    terms.rtcFailed(PEER, true)
    expect(terms.wayTo(PEER)).toEqual(HUB)
    expect(terms.wayTo('other' as DeviceId)).toEqual(RELAY)
    terms.heard(PEER, true, 2)
    expect(terms.wayTo(PEER)).toEqual(HUB)
    clock.advance(RTC_AGAIN_MS)
    terms.heard(PEER, true, 3)
    expect(terms.wayTo(PEER)).toEqual(ALL)
    terms.rtcFailed(PEER, true)
    // Another policy may get through.
    terms.heard(PEER, false, 4)
    terms.heard(PEER, true, 5)
    expect(terms.wayTo(PEER)).toEqual(ALL)
    for (const forget of [() => terms.rtcOpened(PEER), () => terms.forgetFailures()]) {
      terms.rtcFailed(PEER, true)
      forget()
      expect(terms.wayTo(PEER)).toEqual(ALL)
    }
  })

  it('leave WebRTC alone for less after an offer that nobody answered, and for longer each time', () => {
    for (const pause of [1, 2, 4, 8].map((factor) => factor * RTC_UNANSWERED_MS)) {
      terms.rtcFailed(PEER, false)
      clock.advance(pause - 1)
      expect(terms.wayTo(PEER)).toEqual(HUB)
      clock.advance(1)
      expect(terms.wayTo(PEER)).toEqual(RELAY)
    }
    for (let index = 0; index < 50; index++) terms.rtcFailed(PEER, false)
    clock.advance(RTC_AGAIN_MS)
    expect(terms.wayTo(PEER)).toEqual(RELAY)
    terms.rtcFailed(PEER, false)
    clock.advance(-10 * RTC_AGAIN_MS)
    expect(terms.wayTo(PEER)).toEqual(RELAY)
  })

  it('remember a bounded number of peers', () => {
    for (let index = 0; index < 2_000; index++) terms.rtcFailed(`p${index}` as DeviceId, true)
    expect(terms.wayTo('p0' as DeviceId)).toEqual(RELAY)
    expect(terms.wayTo('p1999' as DeviceId)).toEqual(HUB)
  })
})

describe('servers', () => {
  it('of TURN are told from others', () => {
    const credentials = { username: 'u', credential: 'c' }
    expect(
      turnServers([
        { urls: ['stun:a.test', 'turn:b.test?transport=tcp', 'TURNS:c.test'], ...credentials },
        { urls: ['stun:d.test', 'stuns:e.test', 'http://turn:f.test'] },
      ]),
    ).toEqual([{ urls: ['turn:b.test?transport=tcp', 'TURNS:c.test'], ...credentials }])
  })

  it.each([
    ['turn:127.0.0.1:3478', true],
    ['turn:localhost:3478?transport=udp', true],
    ['turns:192.168.0.2', true],
    ['turn:[::1]:3478', true],
    ['turn:203.0.112.9:3478', false],
    ['turn:[2a00:1450::5]:3478', false],
    ['turn:turn.example.org:3478', false],
    ['stun:127.0.0.1', false],
  ])('such as %s are local: %s', (url, isLocal) => {
    expect(isTurnLocal([{ urls: [url] }])).toBe(isLocal)
  })
})
