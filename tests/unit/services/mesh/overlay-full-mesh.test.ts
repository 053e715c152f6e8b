import { describe, expect, it } from 'vitest'
import type { DeviceId } from '../../../../protocol/device'
import { LONGEST_DELAY_MS } from '../../../../services/backoff'
import type { MeshEffect, MeshEvent } from '../../../../services/mesh/mesh'
import {
  ACCEPT_BURST,
  ACCEPT_EVERY_MS,
  ACCEPTS_PER_SECOND,
  ACTIVE_VIEW,
  ENOUGH_LINKS,
  FIRST_LINKS,
  FIRST_MS,
  FULL_MESH_AGAIN,
  FULL_MESH_MEMBERS,
  HEARD_GRACE_MS,
  INTRODUCE_ALONE_EVERY_MS,
  INTRODUCE_EVERY_MS,
  MAX_ACCEPTS,
  MAX_DIALS,
  MAX_FAILURES,
  PASSIVE_VIEW,
  WINDOW_MS,
} from '../../../../services/mesh/overlay/parameters'
import { dialled, effectsOf, framesOf, id, LoneMesh, named, peers } from '../../world/lone-mesh'

const accepts = (effects: readonly MeshEffect[]) => effectsOf('accept', effects).length

describe('a member of a small room', () => {
  it('dials whom it is introduced to, a few at a time, until everybody is linked with it', () => {
    const mesh = new LoneMesh()
    const members = peers(FULL_MESH_MEMBERS - 1)
    let dialling = dialled(mesh.step(named(members)))
    // In its first moments it does not know yet that there are no more.
    expect(dialling).toHaveLength(FIRST_LINKS)
    const all: DeviceId[] = []
    while (dialling.length > 0) {
      expect(dialling.length).toBeLessThanOrEqual(MAX_DIALS)
      all.push(...dialling)
      const next = dialling.flatMap((peer) => dialled(mesh.step({ t: 'opened', peer })))
      dialling = [...next, ...dialled(mesh.pass(1_000))]
      if (mesh.now < FIRST_MS) expect(mesh.links.length + dialling.length).toBeLessThanOrEqual(FIRST_LINKS)
      if (mesh.now < FIRST_MS && dialling.length === 0) dialling = [...dialled(mesh.pass(FIRST_MS))]
    }
    expect(all.sort()).toEqual(members)
    expect(mesh.links).toEqual(members)
    expect(mesh.state.isCrowded).toBe(false)
  })

  it('asks to have room made for it as long as it has hardly a link', () => {
    const mesh = new LoneMesh()
    mesh.step(named(peers(1)))
    for (const peer of peers(ENOUGH_LINKS)) mesh.accept(peer)
    mesh.pass(FIRST_MS)
    expect(effectsOf('dial', mesh.step(named(peers(1, 'q'))))).toEqual([
      { t: 'dial', peer: 'q00', urgent: false },
    ])
    const alone = new LoneMesh()
    expect(effectsOf('dial', alone.step(named(peers(1, 'q'))))).toEqual([
      { t: 'dial', peer: 'q00', urgent: true },
    ])
  })

  it(`gives links up when the room outgrows ${FULL_MESH_MEMBERS}, and links with all again at ${FULL_MESH_AGAIN}`, () => {
    const mesh = new LoneMesh()
    const members = peers(FULL_MESH_MEMBERS - 1)
    for (const peer of members) mesh.accept(peer)
    mesh.pass(WINDOW_MS)
    expect([mesh.links, mesh.state.isCrowded]).toEqual([members, false])
    mesh.step({ t: 'heard', peer: id('ninth') })
    expect(mesh.state.isCrowded).toBe(true)
    const dismissed = framesOf('bye', mesh.pass(WINDOW_MS)).map(({ peer }) => peer)
    expect(dismissed).toHaveLength(FULL_MESH_MEMBERS - 1 - ACTIVE_VIEW)
    expect(mesh.links).toEqual(members.filter((peer) => !dismissed.includes(peer)))

    // Six others are one too many still: a room that swings between eight and nine is not rebuilt each time.
    const [stays = id('')] = dismissed
    const leaving = [id('ninth'), ...members.filter((peer) => peer !== stays)]
    while (mesh.state.isCrowded) {
      const peer = leaving.shift()
      if (peer === undefined) throw new Error('a crowd of nobody')
      mesh.step({ t: 'gone', peer })
    }
    expect(leaving).toHaveLength(FULL_MESH_AGAIN - 2)
    expect(dialled(mesh.pass(60_000))).toContain(stays)
  })

  it('leaves a member it only heard of the time to dial first', () => {
    const mesh = new LoneMesh()
    expect(dialled(mesh.step({ t: 'heard', peer: id('a') }))).toEqual([])
    expect(dialled(mesh.pass(HEARD_GRACE_MS - 1))).toEqual([])
    expect(dialled(mesh.pass(HEARD_GRACE_MS + 1_000))).toEqual(['a'])
  })

  it('settles two offers that cross: the smaller device wins on both ends', () => {
    const small = new LoneMesh(id('a'))
    const large = new LoneMesh(id('b'))
    small.step(named([id('b')]))
    large.step(named([id('a')]))
    expect(small.offered(id('b'))).toEqual([])
    expect(large.offered(id('a'))).toEqual([
      { t: 'abandon', peer: 'a' },
      { t: 'accept', peer: 'a' },
    ])
  })

  it('takes an offer of a linked peer, whose end may be dead, and counts the link until that is known', () => {
    const mesh = new LoneMesh()
    mesh.step(named([id('a')]))
    mesh.step({ t: 'opened', peer: id('a') })
    expect(mesh.offered(id('a'))).toEqual([{ t: 'accept', peer: 'a' }])
    expect(mesh.links).toEqual(['a'])
    mesh.step({ t: 'closed', peer: id('a') })
    expect([mesh.links, mesh.state.pending.size]).toEqual([[], 0])
  })

  it('keeps a link when the one that should replace it failed, and takes no other offer for that', () => {
    const mesh = new LoneMesh()
    mesh.step(named([id('a')]))
    mesh.step({ t: 'opened', peer: id('a') })
    mesh.offered(id('a'))
    expect(mesh.step({ t: 'kept', peer: id('a') })).toEqual([])
    expect([mesh.links, mesh.state.pending.size]).toEqual([['a'], 0])
    expect(mesh.offered(id('a'))).toEqual([])
  })

  it('tries a peer again with growing delays, and forgets one that never answers', () => {
    const mesh = new LoneMesh()
    mesh.step(named([id('a')]))
    let tries = 1
    for (let failure = 1; failure <= MAX_FAILURES; failure++) {
      expect(dialled(mesh.step({ t: 'closed', peer: id('a') }))).toEqual([])
      tries += dialled(mesh.pass(LONGEST_DELAY_MS + 1_000)).length
    }
    expect(tries).toBe(MAX_FAILURES + 1)
    mesh.step({ t: 'closed', peer: id('a') })
    expect([mesh.state.passive.size, mesh.state.introduced.size]).toEqual([0, 0])
  })

  it('dials again only when the peer would look at it', () => {
    const mesh = new LoneMesh()
    mesh.step(named([id('a')]))
    mesh.step({ t: 'closed', peer: id('a') })
    mesh.skip(ACCEPT_EVERY_MS - 1)
    expect(dialled(mesh.step({ t: 'tick' }))).toEqual([])
    mesh.skip(1)
    expect(dialled(mesh.step({ t: 'tick' }))).toEqual(['a'])
  })

  it('hurries when the network is back', () => {
    const mesh = new LoneMesh()
    mesh.step(named([id('a')]))
    mesh.step({ t: 'closed', peer: id('a') })
    const effects = mesh.step({ t: 'hurry' })
    expect([dialled(effects), effectsOf('introduce', effects).length]).toEqual([['a'], 1])
  })

  it('asks for introductions when it is lonely: often when it knows of somebody, seldom when not', () => {
    const mesh = new LoneMesh()
    const asked = (event: MeshEvent) => mesh.step(event).some(({ t }) => t === 'introduce')
    expect(asked({ t: 'tick' })).toBe(true)
    mesh.skip(INTRODUCE_ALONE_EVERY_MS - 1)
    expect(asked({ t: 'tick' })).toBe(false)
    mesh.skip(1)
    expect(asked({ t: 'tick' })).toBe(true)
    mesh.step({ t: 'heard', peer: id('a') })
    mesh.skip(INTRODUCE_EVERY_MS - 1)
    expect(asked({ t: 'tick' })).toBe(false)
    mesh.skip(1)
    expect(asked({ t: 'tick' })).toBe(true)
    for (const peer of peers(ENOUGH_LINKS)) mesh.accept(peer)
    expect(effectsOf('introduce', mesh.pass(2 * INTRODUCE_ALONE_EVERY_MS))).toEqual([])
  })

  it('answers few offers at a time, and dials all the same', () => {
    const mesh = new LoneMesh()
    const effects = peers(50).flatMap((peer) => mesh.offered(peer))
    expect([accepts(effects), effectsOf('refuse', effects).length]).toEqual([MAX_ACCEPTS, 50 - MAX_ACCEPTS])
    expect(dialled(mesh.step(named([id('x')])))).toEqual(['x'])
  })

  it('answers no offers of one peer in quick succession', () => {
    const mesh = new LoneMesh()
    expect(accepts(mesh.offered(id('a')))).toBe(1)
    mesh.step({ t: 'closed', peer: id('a') })
    mesh.skip(ACCEPT_EVERY_MS - 1)
    expect(accepts(mesh.offered(id('a')))).toBe(0)
    mesh.skip(1)
    expect(accepts(mesh.offered(id('a')))).toBe(1)
  })

  it('takes a bounded number of offers, however fast they end and whoever makes them, and refuses the others', () => {
    const mesh = new LoneMesh()
    const answered = (many: number, round: number) => {
      let count = 0
      for (let index = 0; index < many; index++) {
        const peer = id(`r${round}n${index}`)
        const effects = mesh.offered(peer)
        count += accepts(effects)
        expect(accepts(effects) + effectsOf('refuse', effects).length).toBe(1)
        mesh.step({ t: 'closed', peer })
      }
      return count
    }
    expect(answered(3 * ACCEPT_BURST, 0)).toBe(ACCEPT_BURST)
    mesh.skip(5_000)
    expect(answered(3 * ACCEPT_BURST, 1)).toBe(5 * ACCEPTS_PER_SECOND)
    mesh.skip(3_600_000)
    expect(answered(3 * ACCEPT_BURST, 2)).toBe(ACCEPT_BURST)
  })

  it('leaves a peer whose offer it declined the next word', () => {
    const mesh = new LoneMesh()
    mesh.step({ t: 'heard', peer: id('a') })
    expect(accepts(mesh.offered(id('a')))).toBe(1)
    expect(dialled(mesh.step({ t: 'declined', peer: id('a') }))).toEqual([])
    expect(mesh.state.pending.size).toBe(0)
    expect(mesh.state.passive.get(id('a'))?.failures).toBe(0)
    expect(accepts(mesh.offered(id('a')))).toBe(1)
  })

  it('remembers a bounded number of members, the newest among them', () => {
    const mesh = new LoneMesh()
    mesh.step(named(peers(2 * PASSIVE_VIEW)))
    expect(mesh.state.passive.size).toBe(PASSIVE_VIEW)
    mesh.step({ t: 'heard', peer: id('newest') })
    expect(mesh.state.passive.size).toBe(PASSIVE_VIEW)
    expect(mesh.state.passive.has(id('newest'))).toBe(true)
  })

  it('never dials itself, and lets go of who left', () => {
    const mesh = new LoneMesh()
    expect(dialled(mesh.step(named([id('m')])))).toEqual([])
    expect(accepts(mesh.offered(id('m')))).toBe(0)
    mesh.step(named([id('a'), id('b')]))
    mesh.step({ t: 'opened', peer: id('a') })
    expect(mesh.step({ t: 'gone', peer: id('a') })).toContainEqual({ t: 'drop', peer: 'a', why: 'gone' })
    expect(mesh.step({ t: 'gone', peer: id('b') })).toContainEqual({ t: 'abandon', peer: 'b' })
    const { passive, links, pending, introduced } = mesh.state
    expect([passive.size, links.size, pending.size, introduced.size]).toEqual([0, 0, 0, 0])
  })
})
