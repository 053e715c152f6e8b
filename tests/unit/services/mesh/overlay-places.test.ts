import { describe, expect, it } from 'vitest'
import {
  ACCEPT_EVERY_MS,
  ACTIVE_VIEW,
  BACKOFF_MS,
  DUMB_AFTER_MS,
  ENOUGH_LINKS,
  FULL_MESH_MEMBERS,
  FULL_RETRY_MS,
  INTRODUCE_ALONE_EVERY_MS,
  LINGER_MS,
} from '../../../../services/mesh/overlay/parameters'
import { dialled, effectsOf, framesOf, id, LoneMesh, named, peers } from '../../world/lone-mesh'

const NEW = id('new')
const byes = (effects: Parameters<typeof framesOf>[1]) => framesOf('bye', effects)

describe('a member with all its places taken', () => {
  it('refuses who does not press, and keeps its links', () => {
    const mesh = new LoneMesh()
    const links = mesh.join()
    expect(mesh.offered(NEW)).toEqual([{ t: 'refuse', peer: NEW }])
    expect([mesh.links, mesh.state.pending.has(NEW)]).toEqual([links, false])
  })

  it('takes whoever comes while a place is free, but no more than there are places', () => {
    const mesh = new LoneMesh()
    mesh.join(ACTIVE_VIEW - 1)
    expect(mesh.offered(NEW)).toContainEqual({ t: 'accept', peer: NEW })
    // The place is taken although the link is not open yet.
    expect(mesh.offered(id('next'))).toContainEqual({ t: 'refuse', peer: 'next' })
    mesh.step({ t: 'closed', peer: NEW })
    expect(mesh.offered(id('third'))).toContainEqual({ t: 'accept', peer: 'third' })
  })

  it('makes room for a newcomer that presses: one link ends in peace, and its end is told who took the place', () => {
    const mesh = new LoneMesh()
    const links = mesh.join()
    expect(mesh.offered(NEW, { urgent: true })).toEqual([{ t: 'accept', peer: NEW }])
    expect(mesh.links).toEqual(links)
    const said = byes(mesh.step({ t: 'opened', peer: NEW }))
    expect(said).toEqual([{ peer: expect.anything(), frame: { t: 'bye', instead: NEW } }])
    const [gone = id('')] = said.map(({ peer }) => peer)
    expect(mesh.links).toEqual([...links.filter((peer) => peer !== gone), NEW].sort())
    expect([...mesh.state.leaving.keys()]).toEqual([gone])
  })

  it('closes the link a little later, and dials its end only after a good while', () => {
    const mesh = new LoneMesh()
    mesh.join()
    const [{ peer: gone } = { peer: id('') }] = byes(mesh.accept(NEW, { urgent: true }))
    expect(effectsOf('drop', mesh.pass(LINGER_MS - 1))).toEqual([])
    expect(effectsOf('drop', mesh.pass(1_000))).toEqual([{ t: 'drop', peer: gone, why: 'left' }])
    mesh.step({ t: 'closed', peer: gone })
    for (const peer of mesh.links) mesh.step({ t: 'closed', peer })
    expect(dialled(mesh.pass(BACKOFF_MS - LINGER_MS - 2_000))).not.toContain(gone)
    expect(mesh.state.passive.has(gone)).toBe(true)
  })

  it('lets the link go on which it was told least', () => {
    const mesh = new LoneMesh()
    const links = mesh.join()
    for (const [index, peer] of links.entries())
      for (let told = 0; told <= (links.length - index) % links.length; told++)
        mesh.hear(`${index} ${told}`, peer)
    expect(byes(mesh.accept(NEW, { urgent: true })).map(({ peer }) => peer)).toEqual([links[0]])
  })

  it('rather gives up a link for announcing than one of the tree, and rather one that told nothing than either', () => {
    const left = (mute: readonly number[]) => {
      const mesh = new LoneMesh()
      const links = mesh.join()
      for (const [index, peer] of links.entries())
        for (let told = 0; told < (mute.includes(index) ? 0 : 5 - index); told++)
          mesh.hear(`${index} ${told}`, peer)
      mesh.frame(links[1] ?? NEW, { t: 'prune' })
      return byes(mesh.accept(NEW, { urgent: true })).map(({ peer }) => peer)
    }
    expect(left([])).toEqual(['p01'])
    expect(left([2])).toEqual(['p02'])
  })

  it('never gives up who pressed to get in, or who was dialled on the room object’s word', () => {
    const mesh = new LoneMesh()
    mesh.join(3, { urgent: true })
    for (const peer of peers(2, 'trusted')) {
      mesh.step(named([peer]))
      mesh.step({ t: 'opened', peer })
    }
    expect(mesh.links).toHaveLength(ACTIVE_VIEW)
    expect(mesh.offered(NEW, { urgent: true })).toContainEqual({ t: 'refuse', peer: NEW })
    // Not even when the network of a trusted one presses.
    for (const peer of peers(5, 'pressing')) mesh.offered(peer, { bucket: 'of trusted00' })
    const left = byes(mesh.accept(id('another'), { urgent: true, bucket: 'fresh' })).map(({ peer }) => peer)
    expect([left.length, left.some((peer) => peer.startsWith('trusted'))]).toEqual([1, false])
  })

  it('gives up who pressed to get in and then told nothing of what others told', () => {
    const mesh = new LoneMesh()
    const [dumb = id(''), ...links] = mesh.join(ACTIVE_VIEW, { urgent: true })
    const hear = (round: number) => {
      for (const peer of links) mesh.hear(`${round} ${peer}`, peer)
    }
    hear(0)
    expect(mesh.offered(NEW, { urgent: true })).toContainEqual({ t: 'refuse', peer: NEW })
    mesh.skip(DUMB_AFTER_MS)
    hear(1)
    mesh.skip(3_000)
    expect(byes(mesh.accept(NEW, { urgent: true })).map(({ peer }) => peer)).toEqual([dumb])
  })

  it('gives no place of another network to one whose devices come in numbers, and the other way round', () => {
    const mesh = new LoneMesh()
    for (const peer of peers(FULL_MESH_MEMBERS, 'stranger')) mesh.step({ t: 'heard', peer })
    for (const [index, peer] of peers(ACTIVE_VIEW).entries())
      mesh.accept(peer, { bucket: index < 4 ? `${index}` : 'crowd' })
    for (const peer of peers(3, 'crowd')) mesh.offered(peer, { bucket: 'crowd' })
    const pressing = mesh.accept(id('crowdling'), { urgent: true, bucket: 'crowd' })
    expect(byes(pressing).map(({ peer }) => peer)).toEqual(['p04'])
    const other = mesh.accept(id('lone'), { urgent: true, bucket: 'another' })
    expect(byes(other).map(({ peer }) => peer)).toEqual(['crowdling'])
    expect(mesh.offered(id('more'), { urgent: true, bucket: 'crowd' })).toContainEqual({
      t: 'refuse',
      peer: 'more',
    })
  })
})

describe('a small room', () => {
  it('refuses nobody', () => {
    const mesh = new LoneMesh()
    for (const peer of peers(FULL_MESH_MEMBERS - 1))
      expect(mesh.accept(peer)).toContainEqual({ t: 'accept', peer })
    expect(mesh.links).toHaveLength(FULL_MESH_MEMBERS - 1)
  })
})

describe('who was refused', () => {
  /** Refused by a member of a larger room; nobody else is known then. */
  const refused = (links: number) => {
    const mesh = new LoneMesh()
    mesh.join(links)
    for (const peer of peers(FULL_MESH_MEMBERS, 'stranger')) mesh.step({ t: 'gone', peer })
    for (const peer of peers(FULL_MESH_MEMBERS, 'other')) mesh.step({ t: 'offered', peer, urgent: false })
    mesh.step(named([id('full')]))
    expect(mesh.state.isCrowded).toBe(true)
    mesh.step({ t: 'full', peer: id('full') })
    expect(mesh.state.pending.has(id('full'))).toBe(false)
    return mesh
  }

  it('leaves that member alone for a while', () => {
    const mesh = refused(ENOUGH_LINKS)
    expect(dialled(mesh.pass(FULL_RETRY_MS - 1))).not.toContain('full')
    expect(dialled(mesh.pass(INTRODUCE_ALONE_EVERY_MS))).toContain('full')
  })

  it('in a small room, where there is only too much to do, comes back soon', () => {
    const mesh = new LoneMesh()
    mesh.step(named([id('busy')]))
    mesh.step({ t: 'full', peer: id('busy') })
    expect(dialled(mesh.pass(ACCEPT_EVERY_MS - 1))).toEqual([])
    expect(dialled(mesh.pass(ACCEPT_EVERY_MS + 1_000))).toEqual(['busy'])
  })
})

describe('who is told goodbye', () => {
  it('counts the link no more, keeps it a little, and tries who took the place', () => {
    const mesh = new LoneMesh()
    const [first = id('')] = mesh.join()
    const effects = mesh.frame(first, { t: 'bye', instead: NEW })
    expect(effectsOf('dial', effects)).toEqual([{ t: 'dial', peer: NEW, urgent: false }])
    expect([mesh.links.includes(first), mesh.state.leaving.has(first)]).toEqual([false, true])
    // The other end closes it; who does not wait for that closes it later.
    expect(effectsOf('drop', mesh.pass(2 * LINGER_MS - 1))).toEqual([])
    expect(effectsOf('drop', mesh.pass(1_000))).toEqual([{ t: 'drop', peer: first, why: 'left' }])
  })

  it('looks for a place elsewhere at once, and leaves that member alone for a while', () => {
    const mesh = new LoneMesh()
    const [first = id(''), ...others] = mesh.join()
    const effects = mesh.frame(first, { t: 'bye' })
    expect(framesOf('walk', effects)).toHaveLength(1)
    mesh.step({ t: 'closed', peer: first })
    for (const peer of others) mesh.step({ t: 'closed', peer })
    expect(dialled(mesh.pass(BACKOFF_MS - 1))).not.toContain(first)
  })

  it('by nobody it is linked with does nothing', () => {
    const mesh = new LoneMesh()
    const links = mesh.join()
    expect(mesh.frame(id('nobody'), { t: 'bye', instead: NEW })).toEqual([])
    expect([mesh.links, mesh.state.leaving.size]).toEqual([links, 0])
  })

  it('and told of itself, or of a neighbour, dials nobody for it', () => {
    const mesh = new LoneMesh()
    const [first = id(''), second = id(''), third = id('')] = mesh.join()
    expect(dialled(mesh.frame(first, { t: 'bye', instead: id('m') }))).toEqual([])
    expect(dialled(mesh.frame(second, { t: 'bye', instead: third }))).toEqual([])
  })
})
