import { describe, expect, it } from 'vitest'
import type { DeviceId } from '../../../../protocol/device'
import { MAX_HOPS } from '../../../../protocol/limits'
import type { MeshEffect } from '../../../../services/mesh/mesh'
import {
  ANNOUNCE_MS,
  BACKOFF_MS,
  FRESH_LINK_MS,
  GRAFT_AFTER_MS,
  GRAFT_AGAIN_MS,
  GRAFT_SOON_MS,
  MAX_ANNOUNCED,
  MAX_AWAITED,
  MAX_BROKEN_PROMISES,
  MAX_GRAFTED,
  PRUNING_MESSAGES,
  SHORTER_TIMES,
  SHORTER_TIMES_PER_MESSAGE,
  WINDOW_MS,
} from '../../../../services/mesh/overlay/parameters'
import { effectsOf, framesOf, id, LoneMesh, peers, pushedTo } from '../../world/lone-mesh'

const joined = () => {
  const mesh = new LoneMesh()
  const links = mesh.join()
  mesh.pass(FRESH_LINK_MS)
  const [a = id(''), b = id(''), c = id('')] = links
  return { mesh, links, a, b, c, others: (...but: DeviceId[]) => links.filter((peer) => !but.includes(peer)) }
}
const ids = (count: number, hops = 2) => Array.from({ length: count }, (_, n) => ({ id: `n${n}`, hops }))
const announced = (mesh: LoneMesh, ms = ANNOUNCE_MS) =>
  framesOf('ihave', mesh.pass(ms)).map(({ peer, frame }) => ({ peer, ids: frame.ids }))
const grafts = (mesh: LoneMesh, ms: number) =>
  framesOf('graft', mesh.pass(ms)).map(({ peer, frame }) => ({ peer, ids: frame.ids }))

describe('our own words', () => {
  it('go over every link in a full mesh, so that no neighbour can keep them back', () => {
    const mesh = new LoneMesh()
    const links = peers(3)
    for (const peer of links) mesh.accept(peer)
    const [first = id('')] = links
    mesh.frame(first, { t: 'prune' })
    const effects = mesh.step({ t: 'publish', id: 'x' })
    expect(effects).toEqual(links.map((peer) => ({ t: 'push', peer, id: 'x', hops: 1 })))
    expect(announced(mesh)).toEqual([])
  })

  it('go along the tree in a larger room, and are announced besides it', () => {
    const { mesh, a, others } = joined()
    mesh.frame(a, { t: 'prune' })
    const effects = mesh.step({ t: 'publish', id: 'x' })
    expect(effects).toEqual(others(a).map((peer) => ({ t: 'push', peer, id: 'x', hops: 1 })))
    expect(announced(mesh)).toEqual([{ peer: a, ids: [{ id: 'x', hops: 0 }] }])
  })

  it('go over every link where all of them were pruned', () => {
    const { mesh, links } = joined()
    for (const peer of links) mesh.frame(peer, { t: 'prune' })
    expect(pushedTo(mesh.step({ t: 'publish', id: 'x' }))).toEqual(links)
  })

  it('that are worth nothing soon are not announced', () => {
    const { mesh, a } = joined()
    mesh.frame(a, { t: 'prune' })
    mesh.step({ t: 'publish', id: 'x', passing: true })
    expect([announced(mesh), mesh.state.heard]).toEqual([[], 0])
  })
})

describe('news', () => {
  it('is pushed on, a link further, and announced to who brought it', () => {
    const { mesh, a, others } = joined()
    const effects = mesh.hear('x', a, { hops: 3 })
    expect(effects).toEqual(others(a).map((peer) => ({ t: 'push', peer, id: 'x', hops: 4 })))
    expect(announced(mesh)).toEqual([{ peer: a, ids: [{ id: 'x', hops: 3 }] }])
  })

  it('is announced over links that want no more, all of a moment in one frame', () => {
    const { mesh, a, b, c, others } = joined()
    mesh.frame(b, { t: 'prune' })
    expect(pushedTo(mesh.hear('x', a))).toEqual(others(a, b))
    expect(pushedTo(mesh.hear('y', c))).toEqual(others(b, c))
    const all = announced(mesh)
    expect(all.find(({ peer }) => peer === b)?.ids.map(({ id }) => id)).toEqual(['x', 'y'])
    expect(all.map(({ peer }) => peer).sort()).toEqual([a, b, c])
  })

  it('that is worth nothing soon is pushed and not announced, and shapes no tree', () => {
    const { mesh, a, b, others } = joined()
    mesh.frame(b, { t: 'prune' })
    expect(pushedTo(mesh.hear('x', a, { passing: true }))).toEqual(others(a, b))
    expect(mesh.hear('x', b, { passing: true, isNew: false, hops: 5 })).toEqual([])
    expect([announced(mesh), mesh.link(b).isEager, mesh.state.heard]).toEqual([[], false, 0])
  })

  it('is announced in frames of a bounded size', () => {
    const { mesh, a, b } = joined()
    mesh.frame(b, { t: 'prune' })
    const frames = []
    for (let n = 0; n < 2.5 * MAX_ANNOUNCED; n++) frames.push(...framesOf('ihave', mesh.hear(`x${n}`, a)))
    frames.push(...framesOf('ihave', mesh.pass(ANNOUNCE_MS)))
    const toB = frames.filter(({ peer }) => peer === b).map(({ frame }) => frame.ids.length)
    expect(toB).toEqual([MAX_ANNOUNCED, MAX_ANNOUNCED, MAX_ANNOUNCED / 2])
  })
})

describe('what was known', () => {
  it('prunes the link that brought it, on both ends', () => {
    const { mesh, a, b } = joined()
    mesh.hear('x', a)
    expect(mesh.hear('x', b, { isNew: false })).toEqual([{ t: 'send', peer: b, frame: { t: 'prune' } }])
    expect([mesh.link(b).isEager, mesh.link(a).isEager]).toEqual([false, true])
    expect(pushedTo(mesh.hear('y', a))).not.toContain(b)
  })

  it('prunes nobody who said it in a full mesh: there its author pushes over all links, whatever we ask', () => {
    const mesh = new LoneMesh()
    const [a = id(''), b = id('')] = peers(2)
    for (const peer of [a, b]) mesh.accept(peer)
    mesh.hear('x', a, { hops: 2 })
    expect(mesh.hear('x', b, { isNew: false, hops: 1 })).toEqual([])
    expect(mesh.link(b).isEager).toBe(true)
    const large = joined()
    large.mesh.hear('x', large.a, { hops: 2 })
    large.mesh.hear('x', large.b, { isNew: false, hops: 2 })
    expect(large.mesh.link(large.b).isEager).toBe(false)
  })

  it('from a link that is closed does nothing', () => {
    const { mesh, a, b } = joined()
    mesh.hear('x', a)
    mesh.step({ t: 'closed', peer: b })
    expect(mesh.hear('x', b, { isNew: false })).toEqual([])
  })
})

describe('a graft', () => {
  it('makes the link one for pushing again, and sends what it asks for, as far as that has come', () => {
    const { mesh, a, b } = joined()
    mesh.hear('x', a, { hops: 3 })
    mesh.frame(b, { t: 'prune' })
    expect(mesh.frame(b, { t: 'graft', ids: ['x', 'unknown'] })).toEqual([
      { t: 'push', peer: b, id: 'x', hops: 4 },
      // What is not kept is not sent by whoever carries this out.
      { t: 'push', peer: b, id: 'unknown', hops: 1 },
    ])
    expect(pushedTo(mesh.hear('y', a))).toContain(b)
  })

  it('costs no more than one link may have us send again', () => {
    const { mesh, a, b } = joined()
    const ask = (peer: DeviceId) =>
      pushedTo(mesh.frame(peer, { t: 'graft', ids: ids(MAX_ANNOUNCED).map(({ id }) => id) })).length
    const all = Array.from({ length: 2 * Math.ceil(MAX_GRAFTED / MAX_ANNOUNCED) }, () => ask(a))
    expect(all.reduce((sum, count) => sum + count)).toBe(MAX_GRAFTED)
    expect(ask(b)).toBe(MAX_ANNOUNCED)
    mesh.pass(WINDOW_MS)
    expect(ask(a)).toBe(MAX_ANNOUNCED)
  })

  it('of nobody we are linked with is not answered', () => {
    const { mesh, a } = joined()
    mesh.hear('x', a)
    expect(mesh.frame(id('nobody'), { t: 'graft', ids: ['x'] })).toEqual([])
  })
})

describe('what was only announced', () => {
  it('is asked for when it does not come, and the link is one for pushing from then on', () => {
    const { mesh, b } = joined()
    mesh.frame(b, { t: 'prune' })
    mesh.frame(b, { t: 'ihave', ids: ids(3) })
    expect(grafts(mesh, GRAFT_AFTER_MS - 1)).toEqual([])
    expect(grafts(mesh, 1)).toEqual([{ peer: b, ids: ['n0', 'n1', 'n2'] }])
    expect(mesh.link(b).isEager).toBe(true)
  })

  it('is not asked for when it came, nor when it was known', () => {
    const { mesh, a, b } = joined()
    mesh.frame(b, { t: 'ihave', ids: ids(2) }, ['n0'])
    mesh.hear('n0', a)
    expect(grafts(mesh, 10 * GRAFT_AGAIN_MS)).toEqual([])
    expect(mesh.state.awaited.size).toBe(0)
  })

  it('is asked of the next that announced it, and then forgotten', () => {
    const { mesh, a, b, c } = joined()
    for (const peer of [a, b, a]) mesh.frame(peer, { t: 'ihave', ids: ids(1) })
    mesh.frame(c, { t: 'ihave', ids: ids(1) })
    mesh.step({ t: 'closed', peer: b })
    expect(grafts(mesh, GRAFT_AFTER_MS).map(({ peer }) => peer)).toEqual([a])
    // Announced again by who was asked: that is no second chance.
    mesh.frame(a, { t: 'ihave', ids: ids(1) })
    expect(grafts(mesh, GRAFT_AGAIN_MS).map(({ peer }) => peer)).toEqual([c])
    expect(grafts(mesh, 10 * GRAFT_AGAIN_MS)).toEqual([])
    expect(mesh.state.awaited.size).toBe(0)
  })

  it('is waited for up to a number for each link and window', () => {
    const { mesh, a, b } = joined()
    const announce = (peer: DeviceId, prefix: string) => {
      for (let round = 0; round < 2 * Math.ceil(MAX_AWAITED / MAX_ANNOUNCED); round++)
        mesh.frame(peer, {
          t: 'ihave',
          ids: ids(MAX_ANNOUNCED).map(({ id, hops }) => ({ id: `${prefix}${round}${id}`, hops })),
        })
    }
    announce(a, 'a')
    expect(mesh.state.awaited.size).toBe(MAX_AWAITED)
    announce(b, 'b')
    expect(mesh.state.awaited.size).toBe(2 * MAX_AWAITED)
    const asked = grafts(mesh, GRAFT_AFTER_MS)
    expect(asked.every(({ ids }) => ids.length <= MAX_ANNOUNCED)).toBe(true)
    expect(asked.reduce((sum, { ids }) => sum + ids.length, 0)).toBe(2 * MAX_AWAITED)
  })

  /** `a` announces something, is asked for it, and sends nothing. */
  const breakPromise = (mesh: LoneMesh, a: DeviceId, n: number) => {
    mesh.frame(a, { t: 'ihave', ids: [{ id: `promised ${n}`, hops: 1 }] })
    return effectsOf('drop', mesh.pass(GRAFT_AFTER_MS + GRAFT_AGAIN_MS))
  }

  it('and is not sent when asked for ends the link in the end, and the peer gets none for a while', () => {
    const { mesh, a } = joined()
    for (let n = 1; n < MAX_BROKEN_PROMISES; n++) expect(breakPromise(mesh, a, n)).toEqual([])
    expect(breakPromise(mesh, a, 0)).toEqual([{ t: 'drop', peer: a, why: 'promises' }])
    expect([mesh.links.includes(a), mesh.state.passive.has(a)]).toEqual([false, false])
    mesh.step({ t: 'closed', peer: a })
    mesh.skip(4_000)
    expect(effectsOf('accept', mesh.offered(a, { urgent: true }))).toEqual([])
    mesh.skip(BACKOFF_MS)
    mesh.step({ t: 'tick' })
    expect(mesh.state.shunned.size).toBe(0)
  })

  it('and is one of many that are not sent counts once each time', () => {
    const { mesh, a } = joined()
    mesh.frame(a, { t: 'ihave', ids: ids(3 * MAX_BROKEN_PROMISES) })
    expect(effectsOf('drop', mesh.pass(GRAFT_AFTER_MS + GRAFT_AGAIN_MS))).toEqual([])
    expect(mesh.link(a).broken).toBe(1)
  })

  it('and is not sent by who sends other things meanwhile is only slow', () => {
    const { mesh, a } = joined()
    for (let n = 0; n < 3 * MAX_BROKEN_PROMISES; n++) {
      mesh.frame(a, { t: 'ihave', ids: [{ id: `promised ${n}`, hops: 1 }] })
      mesh.pass(GRAFT_AFTER_MS + GRAFT_AGAIN_MS / 2)
      mesh.hear(`other ${n}`, a)
      mesh.pass(GRAFT_AGAIN_MS / 2)
    }
    expect([mesh.links.includes(a), mesh.link(a).broken]).toEqual([true, 0])
  })

  it('is asked for by each at a time of its own', () => {
    const waited = (chance: number) => {
      const { mesh, a } = joined()
      mesh.random = () => chance
      mesh.frame(a, { t: 'ihave', ids: ids(1) })
      let ms = 0
      while (grafts(mesh, 100).length === 0 && ms < 10_000) ms += 100
      return ms
    }
    expect(waited(0)).toBeGreaterThanOrEqual(GRAFT_AFTER_MS / 2 - 200)
    expect(waited(0.99)).toBeGreaterThan(waited(0) + GRAFT_AFTER_MS / 2)
    expect(waited(0.99)).toBeLessThanOrEqual(1.5 * GRAFT_AFTER_MS)
  })

  it('over a fresh link, where one is told what went before, is asked for at once', () => {
    const mesh = new LoneMesh()
    const [a = id('')] = mesh.join()
    mesh.frame(a, { t: 'ihave', ids: ids(2) })
    expect(grafts(mesh, GRAFT_SOON_MS)).toEqual([{ peer: a, ids: ['n0', 'n1'] }])
  })

  it('and came late, but came, is no broken promise', () => {
    const { mesh, a } = joined()
    for (let n = 0; n < 3 * MAX_BROKEN_PROMISES; n++) {
      mesh.frame(a, { t: 'ihave', ids: [{ id: `x${n}`, hops: 1 }] })
      expect(grafts(mesh, GRAFT_AFTER_MS).map(({ peer }) => peer)).toEqual([a])
      mesh.pass(GRAFT_AGAIN_MS - 1)
      mesh.hear(`x${n}`, a)
    }
    expect(mesh.links).toContain(a)
  })
})

describe('a shorter way', () => {
  const RARELY = Math.ceil(SHORTER_TIMES / (1 - SHORTER_TIMES_PER_MESSAGE))
  /** Messages that come by `a` over `hops` links, and that `b` announces `shown` links from their author, before or after. */
  const compared = (hops: number, shown: number, times: number, isBefore: boolean) => {
    const { mesh, a, b } = joined()
    mesh.frame(b, { t: 'prune' })
    const effects: MeshEffect[] = []
    for (let n = 0; n < times; n++) {
      const ids = [{ id: `x${n}`, hops: shown }]
      if (isBefore) mesh.frame(b, { t: 'ihave', ids })
      effects.push(...mesh.hear(`x${n}`, a, { hops }))
      if (!isBefore) effects.push(...mesh.frame(b, { t: 'ihave', ids }, []))
    }
    return { mesh, a, b, sent: effects.filter(({ t }) => t === 'send') }
  }

  for (const isBefore of [true, false])
    it(`takes the place of the one by which messages come, once it was so often enough, shown ${isBefore ? 'before' : 'after'}`, () => {
      const { mesh, a, b, sent } = compared(5, 3, RARELY, isBefore)
      expect(sent).toEqual([
        { t: 'send', peer: b, frame: { t: 'graft', ids: [] } },
        { t: 'send', peer: a, frame: { t: 'prune' } },
      ])
      expect([mesh.link(a).isEager, mesh.link(b).isEager, mesh.link(b).shorter]).toEqual([false, true, 0])
    })

  it('has to be shorter more often than that, and by a link', () => {
    expect(compared(5, 3, SHORTER_TIMES, false).sent).toEqual([])
    expect(compared(4, 3, 5 * RARELY, false).sent).toEqual([])
  })

  it('has to be so often for more messages where more is said', () => {
    const { mesh, b } = compared(4, 3, 5 * RARELY, false)
    // What was no shorter way before speaks against it.
    for (let n = 0; n < SHORTER_TIMES + RARELY; n++) {
      mesh.hear(`y${n}`, id('p00'), { hops: 5 })
      mesh.frame(b, { t: 'ihave', ids: [{ id: `y${n}`, hops: 3 }] }, [])
    }
    expect([mesh.link(b).isEager, mesh.link(b).shorter]).toEqual([false, RARELY])
  })

  it('is none when it is as long', () => {
    expect(compared(5, 3, SHORTER_TIMES - 1, false).mesh.link(id('p01')).shorter).toBe(SHORTER_TIMES - 1)
    expect(compared(5, 4, SHORTER_TIMES - 1, false).mesh.link(id('p01')).shorter).toBe(1 - SHORTER_TIMES)
  })

  it('counts only against a link that messages come by', () => {
    const { mesh, a, b } = compared(9, 3, SHORTER_TIMES, false)
    mesh.hear('y', a, { hops: 9 })
    mesh.step({ t: 'closed', peer: a })
    expect(mesh.frame(b, { t: 'ihave', ids: [{ id: 'y', hops: 1 }] }, [])).toEqual([])
  })
})

describe('a ring', () => {
  it('is cut by the first message that finds it, and by one in several where there are many', () => {
    const { mesh, a, b } = joined()
    mesh.random = () => 0.99
    for (let n = 0; n <= PRUNING_MESSAGES; n++) mesh.hear(`x${n}`, a)
    expect(mesh.hear('x0', b, { isNew: false })).toEqual([])
    mesh.random = () => 0.1
    expect(framesOf('prune', mesh.hear('x1', b, { isNew: false }))).toHaveLength(1)
  })

  it('is not cut on one end alone: over a link that was given up, what is new is asked for again', () => {
    const { mesh, b } = joined()
    mesh.frame(b, { t: 'prune' })
    expect(framesOf('graft', mesh.hear('x', b))).toEqual([{ peer: b, frame: { t: 'graft', ids: [] } }])
    expect(framesOf('graft', mesh.hear('y', b))).toEqual([])
  })
})

describe('a ring that was found by a copy', () => {
  const found = (first: number, second: number) => {
    const { mesh, a, b } = joined()
    mesh.hear('x', a, { hops: first })
    const pruned = framesOf('prune', mesh.hear('x', b, { isNew: false, hops: second })).map(
      ({ peer }) => peer,
    )
    return { pruned, a, b, eager: [a, b].map((peer) => mesh.link(peer).isEager) }
  }

  it('is cut where the longer way ends', () => {
    const shorter = found(5, 4)
    expect([shorter.pruned, shorter.eager]).toEqual([[shorter.a], [false, true]])
    const longer = found(5, 7)
    expect([longer.pruned, longer.eager]).toEqual([[longer.b], [true, false]])
  })

  it('is left alone where the other end has got the shorter copy and cuts its own way', () => {
    const { pruned, eager } = found(5, 8)
    expect([pruned, eager]).toEqual([[], [true, true]])
  })
})

describe('what reconciliation brought', () => {
  const recovered = () => {
    const all = joined()
    const { mesh } = all
    const effects = mesh.hear('x', mesh.state.me, { hops: 1 })
    return { ...all, effects }
  }

  it('is announced to everybody, as from afar, and pushed to nobody', () => {
    const { mesh, links, effects } = recovered()
    expect(effects).toEqual([])
    const all = announced(mesh)
    expect(all.map(({ peer }) => peer).sort()).toEqual(links)
    for (const { ids } of all) expect(ids).toEqual([{ id: 'x', hops: MAX_HOPS }])
    expect(pushedTo(mesh.frame(links[0] ?? id(''), { t: 'graft', ids: ['x'] }))).toEqual([links[0]])
  })

  it('goes on like news when the tree brings it, and cuts nothing', () => {
    const { mesh, a, b, others } = recovered()
    mesh.pass(ANNOUNCE_MS)
    const effects = mesh.hear('x', a, { isNew: false, hops: 3 })
    expect(effects).toEqual(others(a).map((peer) => ({ t: 'push', peer, id: 'x', hops: 4 })))
    expect(announced(mesh)).toEqual([])
    expect(framesOf('prune', mesh.hear('x', b, { isNew: false, hops: 3 }))).toHaveLength(1)
  })

  it('is pushed to everybody in a small room', () => {
    const mesh = new LoneMesh()
    const links = peers(3)
    for (const peer of links) mesh.accept(peer)
    expect(pushedTo(mesh.hear('x', mesh.state.me, { hops: 1 }))).toEqual(links)
  })
})

describe('a parent that is gone', () => {
  /** `b` and `c` announce what comes by `a` over four links, from so far away. */
  const orphaned = (ofB: number, ofC: number) => {
    const { mesh, a, b, c } = joined()
    for (const peer of [b, c]) mesh.frame(peer, { t: 'prune' })
    mesh.hear('x', a, { hops: 4 })
    mesh.frame(b, { t: 'ihave', ids: [{ id: 'x', hops: ofB }] }, [])
    mesh.frame(c, { t: 'ihave', ids: [{ id: 'x', hops: ofC }] }, [])
    const grafted = framesOf('graft', mesh.step({ t: 'closed', peer: a })).map(({ peer }) => peer)
    return { grafted, b, c, mesh }
  }

  it('is replaced at once by the link that was the shortest way besides it', () => {
    const first = orphaned(4, 3)
    expect([first.grafted, first.mesh.link(first.c).isEager]).toEqual([[first.c], true])
    const second = orphaned(4, 5)
    expect(second.grafted).toEqual([second.b])
  })

  it('is not replaced by one to whom it may have come through us', () => {
    expect(orphaned(5, 6).grafted).toEqual([])
  })
})

describe('a new link', () => {
  it('is for announcing where broadcasts come already: it would make a ring', () => {
    const { mesh, a } = joined()
    mesh.hear('x', a)
    mesh.step({ t: 'closed', peer: id('p04') })
    const effects = mesh.accept(id('new'))
    expect([mesh.link(id('new')).isEager, framesOf('graft', effects)]).toEqual([false, []])
    mesh.frame(a, { t: 'prune' })
    mesh.step({ t: 'closed', peer: id('p03') })
    expect(framesOf('graft', mesh.accept(id('newer'))).map(({ peer }) => peer)).toEqual([id('newer')])
    expect(mesh.link(id('newer')).isEager).toBe(true)
  })

  it('is one for pushing', () => {
    const { mesh, a } = joined()
    const [gone = id('')] = framesOf('bye', mesh.accept(id('new'), { urgent: true })).map(({ peer }) => peer)
    expect(pushedTo(mesh.hear('x', a === gone ? id('p01') : a))).toContain('new')
  })

  it('that ended waits for nothing: no frame goes to who has left', () => {
    const { mesh, a, links } = joined()
    mesh.hear('x', a)
    for (const peer of links) mesh.step({ t: 'gone', peer })
    expect(framesOf('ihave', mesh.pass(1_000))).toEqual([])
    expect(mesh.frame(a, { t: 'ihave', ids: ids(1) })).toEqual([])
    expect(mesh.state.awaited.size).toBe(0)
  })
})
