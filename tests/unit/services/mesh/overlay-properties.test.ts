import { describe, expect, it } from 'vitest'
import type { DeviceId } from '../../../../protocol/device'
import type { Random } from '../../../../services/clock'
import {
  emptyMesh,
  type MeshEffect,
  type MeshEvent,
  type MeshState,
  stepMesh,
  wakeAt,
} from '../../../../services/mesh/mesh'
import {
  ACTIVE_VIEW,
  MAX_ACCEPTS,
  MAX_AWAITED,
  MAX_DIALS,
  MAX_INTRODUCED,
  MAX_OFFERERS,
  MAX_ROUTES,
  PASSIVE_VIEW,
  REMEMBERED_WAYS,
} from '../../../../services/mesh/overlay/parameters'
import { drawOne, seeded } from '../../../simulation/engine/chance'
import { anyEvent } from '../../world/any-mesh-event'

const ME = 'm' as DeviceId
const PEERS = Array.from({ length: 60 }, (_, nth) => `p${nth}` as DeviceId)
const STEPS = 600
const SEEDS = Array.from({ length: 5 }, (_, nth) => nth + 1)

interface Step {
  readonly before: MeshState
  readonly after: MeshState
  readonly event: MeshEvent
  readonly effects: readonly MeshEffect[]
  readonly now: number
}

/** A life of events as they come from whoever speaks the protocol, and from whoever does not; time passes by whims. */
function* life(seed: number): Generator<Step> {
  const random: Random = seeded(seed)
  let state = emptyMesh(ME)
  let now = 1_000_000
  for (let nth = 0; nth < STEPS; nth++) {
    now += random() < 0.5 ? Math.floor(200 * random()) : random() < 0.9 ? 2_000 * random() : 40_000 * random()
    const event = anyEvent(state, nth < 20 ? PEERS.slice(0, 6) : PEERS, random)
    const before = state
    const { state: after, effects } = stepMesh(before, event, now, random)
    state = after
    yield { before, after, event, effects, now }
  }
}

const namesOf = (map: ReadonlyMap<DeviceId, unknown>) => [...map.keys()]
const dialsOf = ({ pending }: MeshState) => [...pending.values()].filter(({ by }) => by === 'us').length

describe.each(SEEDS)('whatever happens, a member (seed %i)', (seed) => {
  it('keeps its views bounded', () => {
    for (const { after, event } of life(seed)) {
      if (event.t === 'tick' && after.isCrowded) expect(after.links.size).toBeLessThanOrEqual(ACTIVE_VIEW)
      expect(after.passive.size).toBeLessThanOrEqual(PASSIVE_VIEW)
      expect(after.introduced.size).toBeLessThanOrEqual(MAX_INTRODUCED)
      expect(after.offerers.size).toBeLessThanOrEqual(MAX_OFFERERS)
      expect(after.routes.size).toBeLessThanOrEqual(MAX_ROUTES)
      expect(after.ways.size).toBeLessThanOrEqual(REMEMBERED_WAYS)
      expect(dialsOf(after)).toBeLessThanOrEqual(MAX_DIALS)
      expect(after.pending.size - dialsOf(after)).toBeLessThanOrEqual(MAX_ACCEPTS)
      expect(after.awaited.size).toBeLessThanOrEqual(2 * MAX_AWAITED * PEERS.length)
      for (const { sources } of after.awaited.values())
        expect(sources.length).toBeLessThanOrEqual(PEERS.length)
    }
  })

  it('has nothing to do with itself, and holds nobody in two views', () => {
    for (const { after, effects } of life(seed)) {
      const { links, leaving, passive, pending, introduced, routes, shunned, announcements } = after
      for (const view of [links, leaving, passive, pending, introduced, routes, shunned, announcements])
        expect(view.has(ME)).toBe(false)
      for (const effect of effects) if ('peer' in effect) expect(effect.peer).not.toBe(ME)
      for (const peer of links.keys()) expect([leaving.has(peer), passive.has(peer)]).toEqual([false, false])
      for (const peer of shunned.keys())
        expect([passive.has(peer), pending.has(peer)]).toEqual([false, false])
    }
  })

  it('counts of each network who made offers', () => {
    for (const { after } of life(seed)) {
      const { offerers, pressure } = after
      const counts = new Map<string | undefined, number>()
      for (const { bucket } of offerers.values()) counts.set(bucket, (counts.get(bucket) ?? 0) + 1)
      expect(pressure).toEqual(counts)
    }
  })

  it('asks only for what can be done', () => {
    for (const { before, after, event, effects } of life(seed)) {
      const near = new Set(
        [before, after].flatMap((state) => [...namesOf(state.links), ...namesOf(state.leaving)]),
      )
      for (const effect of effects) {
        if (effect.t === 'send' || effect.t === 'push' || effect.t === 'drop')
          expect(near).toContain(effect.peer)
        if (effect.t === 'accept' || effect.t === 'refuse')
          expect(event).toMatchObject({ t: 'offered', peer: effect.peer })
        if (effect.t === 'dial') expect(before.links.has(effect.peer)).toBe(false)
        if (effect.t === 'abandon') expect(before.pending.has(effect.peer)).toBe(true)
      }
    }
  })

  it('changes no state in place', () => {
    for (const { before, event, now } of life(seed)) {
      const copy = structuredClone(before)
      stepMesh(before, event, now, seeded(seed))
      expect(before).toEqual(copy)
    }
  })

  it('does the same again from the same seed', () => {
    const outcome = () => [...life(seed)].map(({ effects }) => effects)
    expect(outcome()).toEqual(outcome())
  })

  it('comes to rest: no tick asks for another at once', () => {
    const random = seeded(seed)
    let last: Step | undefined
    for (const step of life(seed)) last = step
    let { after: state, now } = last ?? { after: emptyMesh(ME), now: 0 }
    let ticks = 0
    for (const end = now + 60_000; now < end && ticks < 1_000; ticks++) {
      const at = wakeAt(state)
      if (at === Number.POSITIVE_INFINITY) return
      now = Math.max(at, now)
      state = stepMesh(state, { t: 'tick' }, now, random).state
      expect(wakeAt(state)).toBeGreaterThan(now)
    }
    expect(ticks).toBeLessThan(200)
  })
})

describe('chance', () => {
  it('draws each as often as the other', () => {
    const random = seeded(1)
    const counts = new Map<number, number>()
    for (let nth = 0; nth < 10_000; nth++) {
      const drawn = drawOne([0, 1, 2, 3], random)
      counts.set(drawn, (counts.get(drawn) ?? 0) + 1)
    }
    for (const count of counts.values()) expect(Math.abs(count - 2_500)).toBeLessThan(200)
  })
})
