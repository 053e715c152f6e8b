import { describe, expect, it } from 'vitest'
import type { DeviceId } from '../../../protocol/device'
import { LONGEST_DELAY_MS } from '../../../services/backoff'
import {
  ACCEPT_BURST,
  ACCEPT_EVERY_MS,
  ACCEPTS_PER_SECOND,
  emptyMesh,
  FULL_MESH_MEMBERS,
  INTRODUCE_EVERY_MS,
  MAX_ACCEPTS,
  MAX_DIALS,
  MAX_FAILURES,
  MAX_KNOWN,
  MAX_LINKS,
  type MeshEffect,
  type MeshEvent,
  stepMesh,
  TARGET_LINKS,
} from '../../../services/mesh/mesh'

const id = (name: string) => name as DeviceId
const peers = (count: number) =>
  Array.from({ length: count }, (_, index) => id(`p${String(index).padStart(2, '0')}`))

/** Drives one mesh by hand. */
function mesh(me = id('m')) {
  let state = emptyMesh(me)
  let now = 0
  return {
    get state() {
      return state
    },
    wait: (ms: number) => {
      now += ms
    },
    step(event: MeshEvent): MeshEffect[] {
      const before = state
      const frozen = JSON.stringify([[...before.known], [...before.pending], [...before.links]])
      const step = stepMesh(state, event, now, () => 0.5)
      expect(JSON.stringify([[...before.known], [...before.pending], [...before.links]])).toBe(frozen)
      state = step.state
      return step.effects
    },
  }
}

const dialled = (effects: MeshEffect[]) =>
  effects.flatMap((effect) => (effect.t === 'dial' ? [effect.peer] : []))

describe('a mesh', () => {
  it('dials whom it is introduced to, a few at a time, until a small room is fully linked', () => {
    const it = mesh()
    const members = peers(FULL_MESH_MEMBERS - 1)
    const first = dialled(it.step({ t: 'introduced', peers: members }))
    expect(first).toHaveLength(MAX_DIALS)
    const all = new Set(first)
    for (const peer of all) for (const next of dialled(it.step({ t: 'opened', peer }))) all.add(next)
    expect([...all].sort()).toEqual(members)
    expect(it.state.links.size).toBe(FULL_MESH_MEMBERS - 1)
  })

  it('keeps few links in a larger room', () => {
    const it = mesh()
    const open = new Set(dialled(it.step({ t: 'introduced', peers: peers(40) })))
    for (const peer of open) for (const next of dialled(it.step({ t: 'opened', peer }))) open.add(next)
    expect(it.state.links.size).toBe(TARGET_LINKS)
  })

  it('lets newcomers in when it is full, and drops another for them', () => {
    const it = mesh()
    for (const peer of peers(MAX_LINKS)) {
      it.step({ t: 'offered', peer })
      it.step({ t: 'opened', peer })
    }
    expect(it.step({ t: 'offered', peer: id('new') })).toContainEqual({ t: 'accept', peer: 'new' })
    const dropped = it.step({ t: 'opened', peer: id('new') }).filter(({ t }) => t === 'drop')
    expect(dropped).toHaveLength(1)
    expect(dropped).not.toContainEqual({ t: 'drop', peer: 'new' })
  })

  it('leaves a member it only heard of the time to dial first', () => {
    const it = mesh()
    expect(dialled(it.step({ t: 'heard', peer: id('a') }))).toEqual([])
    it.wait(10_000)
    expect(dialled(it.step({ t: 'tick' }))).toEqual(['a'])
  })

  it('settles two offers that cross: the smaller device wins on both ends', () => {
    const small = mesh(id('a'))
    const large = mesh(id('b'))
    small.step({ t: 'introduced', peers: [id('b')] })
    large.step({ t: 'introduced', peers: [id('a')] })
    expect(small.step({ t: 'offered', peer: id('b') })).toEqual([])
    expect(large.step({ t: 'offered', peer: id('a') })).toEqual([
      { t: 'abandon', peer: 'a' },
      { t: 'accept', peer: 'a' },
    ])
  })

  it('replaces a link whose other end is dead and dials anew', () => {
    const it = mesh()
    it.step({ t: 'introduced', peers: [id('a')] })
    it.step({ t: 'opened', peer: id('a') })
    expect(it.step({ t: 'offered', peer: id('a') })).toEqual([{ t: 'accept', peer: 'a' }])
    expect(it.state.links.has(id('a'))).toBe(false)
  })

  it('tries a peer again with growing delays, and forgets one that never answers', () => {
    const it = mesh()
    it.step({ t: 'introduced', peers: [id('a')] })
    let tries = 1
    for (let failure = 1; failure <= MAX_FAILURES; failure++) {
      expect(dialled(it.step({ t: 'closed', peer: id('a') }))).toEqual([])
      it.wait(LONGEST_DELAY_MS)
      tries += dialled(it.step({ t: 'tick' })).length
    }
    expect(tries).toBe(MAX_FAILURES + 1)
    it.step({ t: 'closed', peer: id('a') })
    expect(it.state.known.size).toBe(0)
  })

  it('hurries when the network is back', () => {
    const it = mesh()
    it.step({ t: 'introduced', peers: [id('a')] })
    it.step({ t: 'closed', peer: id('a') })
    expect(dialled(it.step({ t: 'hurry' }))).toEqual(['a'])
  })

  it('asks for introductions when it is lonely, not more often than agreed', () => {
    const it = mesh()
    const asked = (event: MeshEvent) => it.step(event).some(({ t }) => t === 'introduce')
    expect(asked({ t: 'tick' })).toBe(true)
    it.step({ t: 'heard', peer: id('a') })
    it.wait(INTRODUCE_EVERY_MS - 1)
    expect(asked({ t: 'tick' })).toBe(false)
    it.wait(1)
    expect(asked({ t: 'tick' })).toBe(true)
  })

  it('answers few offers at a time and none too often, and dials all the same', () => {
    const it = mesh()
    const accepts = (effects: MeshEffect[]) => effects.filter(({ t }) => t === 'accept').length
    const answered = peers(50).reduce((sum, peer) => sum + accepts(it.step({ t: 'offered', peer })), 0)
    expect(answered).toBe(MAX_ACCEPTS)
    expect(dialled(it.step({ t: 'introduced', peers: [id('x')] }))).toEqual(['x'])
    const [first = id('')] = peers(1)
    it.step({ t: 'closed', peer: first })
    expect(accepts(it.step({ t: 'offered', peer: first }))).toBe(0)
    it.wait(ACCEPT_EVERY_MS)
    expect(accepts(it.step({ t: 'offered', peer: first }))).toBe(1)
  })

  it('answers a bounded number of offers, however fast they end and whoever makes them', () => {
    const it = mesh()
    const answered = (many: number, round: number) => {
      let count = 0
      for (let index = 0; index < many; index++) {
        const peer = id(`r${round}n${index}`)
        count += it.step({ t: 'offered', peer }).filter(({ t }) => t === 'accept').length
        it.step({ t: 'closed', peer })
      }
      return count
    }
    expect(answered(3 * ACCEPT_BURST, 0)).toBe(ACCEPT_BURST)
    it.wait(5_000)
    expect(answered(3 * ACCEPT_BURST, 1)).toBe(5 * ACCEPTS_PER_SECOND)
    it.wait(3_600_000)
    expect(answered(3 * ACCEPT_BURST, 2)).toBe(ACCEPT_BURST)
  })

  it('leaves a peer whose offer it declined the next word', () => {
    const it = mesh()
    const accepted = (effects: MeshEffect[]) => effects.some(({ t }) => t === 'accept')
    it.step({ t: 'heard', peer: id('a') })
    expect(accepted(it.step({ t: 'offered', peer: id('a') }))).toBe(true)
    expect(dialled(it.step({ t: 'declined', peer: id('a') }))).toEqual([])
    expect(it.state.pending.size).toBe(0)
    expect(it.state.known.get(id('a'))?.failures).toBe(0)
    expect(accepted(it.step({ t: 'offered', peer: id('a') }))).toBe(true)
  })

  it('keeps a link when the one that should replace it failed, and takes no other offer for that', () => {
    const it = mesh()
    it.step({ t: 'introduced', peers: [id('a')] })
    it.step({ t: 'opened', peer: id('a') })
    it.step({ t: 'offered', peer: id('a') })
    expect(it.state.links.has(id('a'))).toBe(false)
    expect(it.step({ t: 'kept', peer: id('a') })).toEqual([])
    expect([it.state.links.has(id('a')), it.state.pending.size]).toEqual([true, 0])
    expect(it.step({ t: 'offered', peer: id('a') })).toEqual([])
  })

  it('dials again only when the peer would look at it', () => {
    const it = mesh()
    it.step({ t: 'introduced', peers: [id('a')] })
    it.step({ t: 'closed', peer: id('a') })
    it.wait(ACCEPT_EVERY_MS - 1)
    expect(dialled(it.step({ t: 'tick' }))).toEqual([])
    it.wait(1)
    expect(dialled(it.step({ t: 'tick' }))).toEqual(['a'])
  })

  it('remembers a bounded number of members', () => {
    const it = mesh()
    it.step({ t: 'introduced', peers: peers(2 * MAX_KNOWN) })
    expect(it.state.known.size).toBe(MAX_KNOWN)
    it.step({ t: 'heard', peer: id('newest') })
    expect(it.state.known.size).toBe(MAX_KNOWN)
    expect(it.state.known.has(id('newest'))).toBe(true)
  })

  it('never dials itself, and lets go of who left', () => {
    const it = mesh()
    expect(it.step({ t: 'introduced', peers: [id('m')] }).filter(({ t }) => t === 'dial')).toEqual([])
    expect(it.step({ t: 'offered', peer: id('m') }).filter(({ t }) => t === 'accept')).toEqual([])
    it.step({ t: 'introduced', peers: [id('a')] })
    it.step({ t: 'opened', peer: id('a') })
    expect(it.step({ t: 'gone', peer: id('a') })).toContainEqual({ t: 'drop', peer: 'a' })
    expect(it.state.known.has(id('a'))).toBe(false)
  })
})
