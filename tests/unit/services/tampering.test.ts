import { beforeEach, describe, expect, it } from 'vitest'
import type { AccountId, DeviceId } from '../../../protocol/device'
import { SUSPICION_MS, Tampering } from '../../../services/room/tampering'
import { VirtualClock } from '../world/virtual-clock'

let clock: VirtualClock
let links: number
let changes: boolean[]
let tampering: Tampering
beforeEach(() => {
  clock = new VirtualClock()
  links = 0
  changes = []
  tampering = new Tampering({
    clock,
    links: () => links,
    onChange: () => changes.push(tampering.isSuspected),
  })
})

const device = (name: string) => name as DeviceId
const account = (name: string) => name as AccountId
const bad = (from: string, of?: string) =>
  tampering.noted('bad-signature', device(from), of === undefined ? undefined : account(of))
const wait = (ms = SUSPICION_MS) => clock.advance(ms)

describe('somebody on the way', () => {
  it('is suspected when nobody gets through for a while, not at once', () => {
    bad('a')
    wait(SUSPICION_MS - 1)
    expect(tampering.isSuspected).toBe(false)
    wait(1)
    expect(tampering.isSuspected).toBe(true)
    expect(changes).toEqual([true])
  })

  it('is not, for what says nothing of them', () => {
    tampering.noted('stale', device('a'), undefined)
    tampering.noted('too-many-signals', device('b'), account('b'))
    wait(10 * SUSPICION_MS)
    expect([tampering.isSuspected, clock.pending]).toEqual([false, 0])
  })

  it('is suspected no more once a signal comes as it was signed, or a link opens', () => {
    for (const prove of [
      () => tampering.heard(device('a'), account('a')),
      () => tampering.heard(device('b'), account('b')),
      () => tampering.linked(device('c'), undefined),
    ]) {
      tampering = new Tampering({ clock, links: () => 0, onChange: () => {} })
      bad('a')
      wait()
      expect(tampering.isSuspected).toBe(true)
      prove()
      expect([tampering.isSuspected, clock.pending]).toEqual([false, 0])
    }
  })

  it('is not suspected while links are open because one account sends nonsense, from however many devices', () => {
    links = 1
    for (let index = 0; index < 20; index++) bad(`device ${index}`, 'mallory')
    for (let index = 0; index < 20; index++) bad(`stranger ${index}`)
    wait(10 * SUSPICION_MS)
    expect(tampering.isSuspected).toBe(false)
  })

  it('is suspected when more accounts fail than get through', () => {
    links = 3
    for (const name of ['a', 'b', 'c']) bad(name, name)
    wait()
    expect(tampering.isSuspected).toBe(false)
    bad('d', 'd')
    wait()
    expect(tampering.isSuspected).toBe(true)
    tampering.heard(device('a'), account('a'))
    expect(tampering.isSuspected).toBe(false)
  })

  it('is suspected of a handshake that fails twice, whatever signals come before the next', () => {
    tampering.noted('wrong-fingerprint', device('a'), account('a'))
    wait()
    expect(tampering.isSuspected).toBe(false)
    tampering.heard(device('a'), account('a'))
    tampering.noted('wrong-fingerprint', device('a'), account('a'))
    wait()
    tampering.heard(device('a'), account('a'))
    expect(tampering.isSuspected).toBe(true)
    tampering.linked(device('a'), account('a'))
    expect(tampering.isSuspected).toBe(false)
  })

  it('is forgotten in the end, and keeps no timer then', () => {
    bad('a')
    for (let minute = 0; minute < 11; minute++) wait(60_000)
    expect([changes, clock.pending]).toEqual([[true, false], 0])
    bad('a')
    tampering.close()
    expect(clock.pending).toBe(0)
  })

  it('is remembered in a bounded memory', () => {
    for (let index = 0; index < 10_000; index++) bad(`d${index}`, `a${index}`)
    // The first ones are forgotten: as many that get through outweigh those that are left.
    links = 256
    wait()
    expect(tampering.isSuspected).toBe(false)
  })
})
