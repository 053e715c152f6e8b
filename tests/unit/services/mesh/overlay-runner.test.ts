import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type DeviceId, deviceIdOf } from '../../../../protocol/device'
import { type BroadcastFrame, decodeFrame, type Frame } from '../../../../protocol/frames'
import {
  ACTIVE_VIEW,
  ANNOUNCE_MS,
  FULL_MESH_MEMBERS,
  GRAFT_AFTER_MS,
  LINGER_MS,
} from '../../../../services/mesh/overlay/parameters'
import { type LinkEffect, OverlayRunner } from '../../../../services/mesh/overlay-runner'

import { VirtualClock } from '../../world/virtual-clock'

const device = (n: number) => deviceIdOf(new Uint8Array(32).fill(n))
const ME = device(200)
const PEERS = Array.from({ length: ACTIVE_VIEW }, (_, n) => device(n))
const [ADA = ME, BEN = ME] = PEERS
const FAR = device(100)

let clock: VirtualClock
let overlay: OverlayRunner
let sent: { to: DeviceId; frame: Frame }[]
let effects: LinkEffect[]
let signals: [from: DeviceId, via: DeviceId, envelope: Uint8Array][]

beforeEach(() => {
  clock = new VirtualClock()
  sent = []
  effects = []
  signals = []
  overlay = new OverlayRunner({
    me: ME,
    clock,
    random: () => 0.5,
    sendTo: (to, bytes) => {
      const decoded = decodeFrame(bytes)
      if ('fault' in decoded) throw new Error(decoded.fault)
      sent.push({ to, frame: decoded.frame })
    },
    carryOut: (effect) => effects.push(effect),
    onSignal: (from, via, envelope) => signals.push([from, via, envelope]),
  })
})
afterEach(() => {
  overlay.close()
  expect(clock.pending).toBe(0)
})

/** Links with some, in a small room or in a larger one. */
function link({ crowded = false, peers = PEERS } = {}): void {
  if (crowded) for (let n = 0; n < FULL_MESH_MEMBERS; n++) overlay.step({ t: 'heard', peer: device(50 + n) })
  for (const peer of peers) {
    overlay.step({ t: 'offered', peer, urgent: false })
    overlay.step({ t: 'opened', peer })
  }
  expect([overlay.neighbours, overlay.isCrowded]).toEqual([peers, crowded])
  sent.length = 0
  effects.length = 0
}

const ID = '00000000000000aa'
const said = (hops?: number): BroadcastFrame => ({
  t: 'message',
  bytes: Uint8Array.of(1, 2, 3),
  sig: new Uint8Array(64),
  ...(hops !== undefined && { hops }),
})
const to = (t: Frame['t']) => sent.filter(({ frame }) => frame.t === t).map((one) => one.to)

describe('a room’s overlay', () => {
  it('sends what is published to the links, with one hop', () => {
    link()
    overlay.publish(ID, said())
    expect(sent).toEqual(PEERS.map((peer) => ({ to: peer, frame: said(1) })))
    expect(overlay.has(ID)).toBe(true)
  })

  it('sends what came on, a hop further, and announces it where it came from', () => {
    link()
    overlay.heard('passed-on', ID, said(4), ADA)
    expect(to('message')).toEqual(PEERS.slice(1))
    expect(sent[0]?.frame).toEqual(said(5))
    expect(overlay.hops).toBe(4)
    sent.length = 0
    clock.advance(ANNOUNCE_MS)
    expect(sent).toEqual([{ to: ADA, frame: { t: 'ihave', ids: bytesOf(ID), hops: Uint8Array.of(4) } }])
  })

  it('sends nothing on that is not worth it, and asks for it no more', () => {
    link()
    overlay.heard('stopped', ID, said(4), ADA)
    overlay.receive(BEN, { t: 'ihave', ids: bytesOf(ID), hops: Uint8Array.of(1) })
    clock.advance(10 * GRAFT_AFTER_MS)
    expect([to('message'), to('graft'), overlay.has(ID)]).toEqual([[], [], true])
  })

  it('asks again for what was of no use, when it is announced once more', () => {
    link()
    overlay.heard('missed', ID, said(4), ADA)
    expect(overlay.has(ID)).toBe(false)
    overlay.receive(BEN, { t: 'ihave', ids: bytesOf(ID), hops: Uint8Array.of(1) })
    clock.advance(GRAFT_AFTER_MS)
    expect(sent.filter(({ frame }) => frame.t === 'graft')).toEqual([
      { to: BEN, frame: { t: 'graft', ids: bytesOf(ID) } },
    ])
  })

  it('prunes the link that brings what was known', () => {
    link({ crowded: true })
    overlay.heard('passed-on', ID, said(2), ADA)
    overlay.heard('stopped', ID, said(2), BEN)
    expect(to('prune')).toEqual([BEN])
  })

  it('prunes no link for the first copy of what is of no use: it may bring what is', () => {
    link({ crowded: true })
    overlay.heard('missed', ID, said(3), ADA)
    overlay.heard('stopped', 'ff', said(3), ADA)
    expect(to('prune')).toEqual([])
  })

  it('a word that was told to this link alone shapes no tree', () => {
    link({ crowded: true })
    overlay.heard('passed-on', ID, { ...said(), t: 'presence' }, ADA)
    sent.length = 0
    overlay.heard('stopped', ID, { ...said(), t: 'presence' }, BEN)
    expect(to('prune')).toEqual([])
    overlay.publish('bb', said())
    expect(to('message')).toEqual(PEERS)
  })

  it('sends again what is asked for, while it is kept', () => {
    link()
    overlay.heard('passed-on', ID, said(2), ADA)
    sent.length = 0
    overlay.receive(BEN, { t: 'graft', ids: bytesOf(ID, '00000000000000bb') })
    expect(sent).toEqual([{ to: BEN, frame: said(3) }])
  })

  it('announces nothing that somebody is writing', () => {
    link()
    overlay.heard('passed-on', ID, { ...said(1), t: 'typing' }, ADA)
    expect(to('typing')).toEqual(PEERS.slice(1))
    clock.advance(1_000)
    expect(to('ihave')).toEqual([])
  })

  it('hands over signals, sends ours, and knows which ways there are', () => {
    link()
    const data = Uint8Array.of(9)
    overlay.receive(ADA, { t: 'signal', from: FAR, to: ME, ttl: 3, data })
    expect(signals).toEqual([[FAR, ADA, data]])
    expect([overlay.hasRoute(FAR), overlay.hasRoute(device(101))]).toEqual([true, false])
    overlay.step({ t: 'signal', to: FAR, data, everywhere: false })
    expect(sent).toEqual([
      { to: ADA, frame: expect.objectContaining({ t: 'signal', from: ME, to: FAR, data }) },
    ])
  })

  it('hands what concerns links to others, and runs its own clock', () => {
    overlay.step({ t: 'introduced', peers: [{ device: ADA, bucket: 'one' }] })
    expect(effects).toContainEqual({ t: 'dial', peer: ADA, urgent: true })
    link({ peers: [ADA, BEN] })
    overlay.receive(ADA, { t: 'bye' })
    expect([overlay.isLeaving(ADA), overlay.neighbours]).toEqual([true, [BEN]])
    clock.advance(2 * LINGER_MS + 1_000)
    expect(effects).toContainEqual({ t: 'drop', peer: ADA, why: 'left' })
    expect(overlay.isLeaving(ADA)).toBe(false)
  })

  it('does and waits for nothing once it is closed', () => {
    link()
    overlay.heard('passed-on', ID, said(2), ADA)
    sent.length = 0
    overlay.close()
    expect(clock.pending).toBe(0)
    clock.advance(60_000)
    overlay.publish('bb', said())
    overlay.step({ t: 'closed', peer: ADA })
    expect([sent, effects, clock.pending]).toEqual([[], [], 0])
  })

  it('has one timer at most, and sleeps when there is nothing to wait for', () => {
    expect(clock.pending).toBe(0)
    link()
    overlay.heard('passed-on', ID, said(2), ADA)
    expect(clock.pending).toBe(1)
    for (const peer of PEERS) overlay.step({ t: 'gone', peer })
    clock.advance(600_000)
    expect(clock.pending).toBeLessThanOrEqual(1)
  })
})

const bytesOf = (...ids: string[]) => Uint8Array.from(ids.flatMap((id) => [...Buffer.from(id, 'hex')]))
