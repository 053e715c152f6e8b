import { describe, expect, it } from 'vitest'
import type { DeviceId } from '../../../../protocol/device'
import { hasRoute, type OverlayFrame } from '../../../../services/mesh/mesh'
import {
  ACTIVE_VIEW,
  FLOOD_COST,
  FLOOD_STEPS,
  LINGER_MS,
  MAX_FLOODS,
  MAX_ROUTES,
  MAX_SIGNALS,
  ROUTE_MS,
  SIGNAL_STEPS,
  WINDOW_MS,
} from '../../../../services/mesh/overlay/parameters'
import { effectsOf, framesOf, id, LoneMesh, peers } from '../../world/lone-mesh'

const DATA = Uint8Array.of(1, 2, 3)
const [FAR, ME] = [id('far'), id('m')]
type SignalFrame = Extract<OverlayFrame, { t: 'signal' }>
const signal = (change: Partial<SignalFrame> = {}): SignalFrame => ({
  t: 'signal',
  from: FAR,
  to: id('else'),
  ttl: SIGNAL_STEPS,
  data: DATA,
  ...change,
})

const joined = () => {
  const mesh = new LoneMesh()
  const [a = id(''), b = id(''), ...rest] = mesh.join()
  return { mesh, a, b, rest }
}
/** `peer` was heard of over the link to `via`. */
const learn = (mesh: LoneMesh, peer: DeviceId, via: DeviceId) =>
  mesh.frame(via, { t: 'walk', origin: peer, ttl: 1 })
const sent = (mesh: LoneMesh, to: DeviceId, everywhere = false) =>
  framesOf('signal', mesh.step({ t: 'signal', to, data: DATA, everywhere }))
const passedOn = (mesh: LoneMesh, from: DeviceId, frame: SignalFrame) =>
  framesOf('signal', mesh.frame(from, frame)).map(({ peer }) => peer)

describe('a signal of ours', () => {
  it('goes to a neighbour over its link', () => {
    const { mesh, a } = joined()
    expect(hasRoute(mesh.state, a, mesh.now)).toBe(true)
    expect(sent(mesh, a)).toEqual([{ peer: a, frame: signal({ from: ME, to: a }) }])
  })

  it('goes the way its addressee was heard of by, for a while', () => {
    const { mesh, b } = joined()
    expect([hasRoute(mesh.state, FAR, mesh.now), sent(mesh, FAR)]).toEqual([false, []])
    learn(mesh, FAR, b)
    expect(sent(mesh, FAR)).toEqual([{ peer: b, frame: signal({ from: ME, to: FAR }) }])
    mesh.skip(ROUTE_MS - 1)
    expect([hasRoute(mesh.state, FAR, mesh.now), sent(mesh, FAR).length]).toEqual([true, 1])
    mesh.skip(1)
    expect([hasRoute(mesh.state, FAR, mesh.now), sent(mesh, FAR)]).toEqual([false, []])
  })

  it('goes over a link that lingers, and not over one that is closed', () => {
    const { mesh, a, b } = joined()
    learn(mesh, FAR, a)
    learn(mesh, id('other'), b)
    mesh.frame(a, { t: 'bye' })
    expect(sent(mesh, FAR).map(({ peer }) => peer)).toEqual([a])
    mesh.pass(2 * LINGER_MS + 1_000)
    expect([hasRoute(mesh.state, FAR, mesh.now), sent(mesh, FAR)]).toEqual([false, []])
    mesh.step({ t: 'closed', peer: b })
    expect([hasRoute(mesh.state, id('other'), mesh.now), sent(mesh, id('other'))]).toEqual([false, []])
  })

  it('that looks for its addressee everywhere goes over all links, each time under a name of its own', () => {
    const { mesh } = joined()
    let chance = 0
    mesh.random = () => (chance = (chance + 0.37) % 1)
    const [first, second] = [sent(mesh, FAR, true), sent(mesh, FAR, true)]
    expect(first.map(({ peer }) => peer).sort()).toEqual(mesh.links)
    expect(new Set(first.map(({ frame }) => frame.nonce)).size).toBe(1)
    expect(first[0]?.frame).toEqual(
      signal({ from: ME, to: FAR, ttl: FLOOD_STEPS, nonce: expect.stringMatching(/^[0-9a-f]{16}$/) }),
    )
    expect(second[0]?.frame.nonce).not.toBe(first[0]?.frame.nonce)
  })

  it('is sent everywhere although others did so, be it long ago or just now', () => {
    const { mesh } = joined()
    for (const peer of mesh.links)
      for (let n = 0; n < 2 * MAX_FLOODS; n++) mesh.frame(peer, signal({ nonce: `${peer} ${n}` }))
    expect(sent(mesh, FAR, true)).toHaveLength(ACTIVE_VIEW)
    mesh.skip(3_600_000)
    expect(sent(mesh, FAR, true)).toHaveLength(ACTIVE_VIEW)
  })

  it('remembers a bounded number of ways', () => {
    const { mesh, a } = joined()
    for (const peer of peers(2 * MAX_ROUTES, 'far')) mesh.frame(a, signal({ from: peer, to: ME }))
    expect(mesh.state.routes.size).toBeLessThanOrEqual(MAX_ROUTES)
  })
})

describe('a signal of somebody else', () => {
  it('for us is handed over, with the link that brought it', () => {
    const { mesh, a } = joined()
    expect(mesh.frame(a, signal({ to: ME }))).toEqual([{ t: 'deliver', from: FAR, via: a, data: DATA }])
    // And shows the way back.
    expect(sent(mesh, FAR).map(({ peer }) => peer)).toEqual([a])
  })

  it('goes on towards its addressee, a step shorter', () => {
    const { mesh, a, b } = joined()
    expect(framesOf('signal', mesh.frame(a, signal({ to: b, ttl: 3 })))).toEqual([
      { peer: b, frame: signal({ to: b, ttl: 2 }) },
    ])
    learn(mesh, id('else'), b)
    expect(passedOn(mesh, a, signal())).toEqual([b])
    expect(passedOn(mesh, b, signal())).toEqual([])
    expect(passedOn(mesh, a, signal({ to: id('unheard-of') }))).toEqual([])
  })

  it('goes no further than it should, whatever it says', () => {
    const { mesh, a, b } = joined()
    expect(passedOn(mesh, a, signal({ to: b, ttl: 1 }))).toEqual([])
    const [long] = framesOf('signal', mesh.frame(a, signal({ to: b, ttl: 16 })))
    expect(long?.frame.ttl).toBe(SIGNAL_STEPS - 1)
    const [flood] = framesOf('signal', mesh.frame(a, signal({ ttl: 16, nonce: 'f' })))
    expect(flood?.frame.ttl).toBe(FLOOD_STEPS - 1)
  })

  it('under our own name, or of nobody we are linked with, is not looked at', () => {
    const { mesh, a, b } = joined()
    expect(mesh.frame(a, signal({ from: ME, to: b }))).toEqual([])
    expect(mesh.frame(id('nobody'), signal({ to: b }))).toEqual([])
    expect(mesh.frame(id('nobody'), signal({ to: ME }))).toEqual([])
    expect(hasRoute(mesh.state, FAR, mesh.now)).toBe(false)
  })

  it('that looks everywhere goes on once, to all but who brought it', () => {
    const { mesh, a, b, rest } = joined()
    const flood = signal({ nonce: '0123456789abcdef' })
    expect(passedOn(mesh, a, flood).sort()).toEqual([b, ...rest])
    expect([passedOn(mesh, a, flood), passedOn(mesh, b, flood)]).toEqual([[], []])
    mesh.skip(WINDOW_MS + 1)
    // Whoever repeats it so late may well mean it anew.
    expect(passedOn(mesh, a, flood)).toHaveLength(ACTIVE_VIEW - 1)
  })

  it('that looks everywhere for a neighbour goes to that one alone, and for us nowhere', () => {
    const { mesh, a, b } = joined()
    expect(passedOn(mesh, a, signal({ to: b, nonce: '1' }))).toEqual([b])
    const effects = mesh.frame(a, signal({ to: ME, nonce: '2' }))
    expect([effectsOf('deliver', effects).length, framesOf('signal', effects)]).toEqual([1, []])
    expect(mesh.frame(b, signal({ to: ME, nonce: '2' }))).toEqual([])
  })

  it('that looks everywhere and is our own does not begin anew here', () => {
    const { mesh, a } = joined()
    const [ours] = sent(mesh, FAR, true)
    if (!ours) throw new Error('not sent')
    expect(passedOn(mesh, a, { ...ours.frame, from: FAR })).toEqual([])
  })

  it('comes in no greater number than one link may have us pass on', () => {
    const { mesh, a, b, rest } = joined()
    const [third = id('')] = rest
    const count = (from: DeviceId, to: DeviceId) => {
      let passed = 0
      for (let n = 0; n < 2 * MAX_SIGNALS; n++) passed += passedOn(mesh, from, signal({ to })).length
      return passed
    }
    expect([count(a, b), count(a, third), count(b, third)]).toEqual([MAX_SIGNALS, 0, MAX_SIGNALS])
    mesh.pass(WINDOW_MS)
    expect(count(a, b)).toBe(MAX_SIGNALS)
  })

  it('that looks everywhere costs more of that number, and is passed on for a bounded number of all', () => {
    const { mesh, a, b, rest } = joined()
    let sent = 0
    const passed = (from: DeviceId) => {
      let count = 0
      for (let n = 0; n < MAX_SIGNALS; n++)
        count += Math.sign(passedOn(mesh, from, signal({ nonce: `${sent++}` })).length)
      return count
    }
    expect(passed(a)).toBe(Math.ceil(MAX_SIGNALS / FLOOD_COST))
    expect(passedOn(mesh, a, signal({ to: b }))).toEqual([])
    expect([b, ...rest].reduce((sum, peer) => sum + passed(peer), passed(a))).toBeLessThanOrEqual(MAX_FLOODS)
    mesh.pass(WINDOW_MS + 1)
    expect(passedOn(mesh, a, signal({ nonce: 'later' }))).toHaveLength(ACTIVE_VIEW - 1)
  })
})
