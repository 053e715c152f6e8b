import { describe, expect, it } from 'vitest'
import {
  ACTIVE_VIEW,
  DEPARTED_MS,
  FULL_MESH_MEMBERS,
  HEARD_GRACE_MS,
  MAX_DEPARTED,
  MAX_SHUFFLES,
  MAX_WALKS,
  PASSIVE_VIEW,
  SEEK_EVERY_MS,
  SEEK_SELDOM_MS,
  SEEKS_IN_VAIN,
  SHUFFLE_ACTIVE,
  SHUFFLE_EVERY_MS,
  SHUFFLE_PASSIVE,
  SHUFFLE_STEPS,
  WALK_REMEMBERED_AT,
  WALK_STEPS,
  WINDOW_MS,
} from '../../../../services/mesh/overlay/parameters'
import { dialled, effectsOf, framesOf, id, LoneMesh, named, peers } from '../../world/lone-mesh'

const ORIGIN = id('origin')
const walk = (ttl = WALK_STEPS, origin = ORIGIN) => ({ t: 'walk', origin, ttl }) as const
const shuffle = (named: string[], ttl = 1, origin = ORIGIN) =>
  ({ t: 'shuffle', origin, ttl, peers: named.map(id) }) as const

describe('a search for a free place', () => {
  it('begins at once where one is free, and is repeated less and less often', () => {
    const mesh = new LoneMesh()
    const links = mesh.join(ACTIVE_VIEW - 2)
    const times: number[] = []
    for (let second = 0; second < 300; second++) {
      const effects = mesh.pass(1_000)
      // Nobody has a place free.
      for (const peer of dialled(effects)) mesh.step({ t: 'full', peer })
      for (const { peer, frame } of framesOf('walk', effects)) {
        expect([links.includes(peer), frame]).toEqual([true, { t: 'walk', origin: 'm', ttl: WALK_STEPS }])
        times.push(mesh.now)
      }
    }
    expect(times.length).toBeGreaterThan(5)
    const pauses = times.slice(1).map((at, index) => at - (times[index] ?? 0))
    expect(Math.min(...pauses)).toBeLessThanOrEqual(2 * SEEK_EVERY_MS + 1_000)
    expect(pauses.at(-1)).toBeGreaterThanOrEqual(SEEK_SELDOM_MS)
    expect(pauses.every((pause, index) => pause + 1_000 >= (pauses[index - 1] ?? 0))).toBe(true)
  })

  it('begins at once with a first link, and without hurry once there are enough', () => {
    const mesh = new LoneMesh()
    const [first, second] = dialled(mesh.step(named(peers(FULL_MESH_MEMBERS + 1))))
    if (first === undefined || second === undefined) throw new Error('two are dialled')
    expect(framesOf('walk', mesh.step({ t: 'opened', peer: first }))).toHaveLength(1)
    expect(framesOf('walk', mesh.step({ t: 'opened', peer: second }))).toEqual([])
    expect(framesOf('walk', mesh.pass(0.5 * SEEK_EVERY_MS))).toEqual([])
    expect(framesOf('walk', mesh.pass(SEEK_EVERY_MS + 1_000))).toHaveLength(1)
  })

  it('is nothing for a member with all places taken', () => {
    const mesh = new LoneMesh()
    mesh.join()
    expect(framesOf('walk', mesh.pass(300_000))).toEqual([])
  })

  it('that is in vain a few times ends in dialling somebody without urgency', () => {
    const mesh = new LoneMesh()
    mesh.join(ACTIVE_VIEW - 2)
    const effects = mesh.pass(SEEK_EVERY_MS * 2 ** SEEKS_IN_VAIN + 5_000)
    const [first] = effectsOf('dial', effects)
    expect(first).toMatchObject({ urgent: false })
    expect(
      framesOf(
        'walk',
        effects.slice(
          0,
          effects.findIndex(({ t }) => t === 'dial'),
        ),
      ),
    ).toHaveLength(
      // The last one goes out with the dial.
      SEEKS_IN_VAIN + 1,
    )
  })

  it('ends where a place is free: there its origin is dialled', () => {
    const mesh = new LoneMesh()
    const [from = id('')] = mesh.join(ACTIVE_VIEW - 1)
    const effects = mesh.frame(from, walk())
    expect(effectsOf('dial', effects)).toEqual([{ t: 'dial', peer: ORIGIN, urgent: false }])
    expect(framesOf('walk', effects).filter(({ frame }) => frame.origin === ORIGIN)).toEqual([])
  })

  it('goes on from a full member, a step shorter, never back', () => {
    const mesh = new LoneMesh()
    const [from = id(''), ...others] = mesh.join()
    const to = new Set<string>()
    for (const chance of [0, 0.3, 0.6, 0.99]) {
      mesh.random = () => chance
      const [step] = framesOf('walk', mesh.frame(from, walk(4)))
      expect(step?.frame).toEqual({ t: 'walk', origin: ORIGIN, ttl: 3 })
      to.add(step?.peer ?? '')
    }
    expect([...to].sort()).toEqual(others)
  })

  it('goes no further than it should, whatever it says', () => {
    const mesh = new LoneMesh()
    const [from = id('')] = mesh.join()
    expect(framesOf('walk', mesh.frame(from, walk(1)))).toEqual([])
    expect(framesOf('walk', mesh.frame(from, walk(16))).map(({ frame }) => frame.ttl)).toEqual([
      WALK_STEPS - 1,
    ])
  })

  it('is remembered by who stands half-way, and nobody else', () => {
    const mesh = new LoneMesh()
    const [from = id('')] = mesh.join()
    mesh.frame(from, walk(WALK_REMEMBERED_AT + 1, id('before')))
    mesh.frame(from, walk(WALK_REMEMBERED_AT))
    mesh.frame(from, walk(WALK_REMEMBERED_AT - 1, id('after')))
    const known = [id('before'), ORIGIN, id('after')].filter((peer) => mesh.state.passive.has(peer))
    expect(known).toEqual([ORIGIN])
    expect(mesh.state.passive.get(ORIGIN)?.retryAt).toBeGreaterThanOrEqual(mesh.now + HEARD_GRACE_MS)
  })

  it('of our own, of nobody we are linked with, or in a small room is not looked at', () => {
    const mesh = new LoneMesh()
    const [from = id('')] = mesh.join(ACTIVE_VIEW - 1)
    expect(mesh.frame(from, walk(WALK_STEPS, id('m')))).toEqual([])
    expect(dialled(mesh.frame(id('nobody'), walk()))).toEqual([])
    const small = new LoneMesh()
    small.accept(from)
    expect(small.frame(from, walk())).toEqual([])
  })

  it('costs no more than one link may have us pass on, and each link by itself', () => {
    const mesh = new LoneMesh()
    const [from = id(''), other = id('')] = mesh.join()
    const passedOn = (link: typeof from) =>
      peers(2 * MAX_WALKS, 'o').flatMap((origin) => framesOf('walk', mesh.frame(link, walk(2, origin))))
        .length
    expect([passedOn(from), passedOn(from), passedOn(other)]).toEqual([MAX_WALKS, 0, MAX_WALKS])
    mesh.pass(WINDOW_MS)
    expect(passedOn(from)).toBe(MAX_WALKS)
  })
})

describe('a shuffle', () => {
  it('is begun by a clock that the first link sets, and no other', () => {
    let chance = 0.9
    const mesh = new LoneMesh(id('m'), () => chance)
    const [first, ...others] = dialled(mesh.step(named(peers(FULL_MESH_MEMBERS + 1))))
    if (first === undefined) throw new Error('somebody is dialled')
    mesh.step({ t: 'opened', peer: first })
    const { shuffleAt, rotateAt } = mesh.state
    expect(shuffleAt).toBe(mesh.now + 0.9 * SHUFFLE_EVERY_MS)
    chance = 0
    for (const peer of others) mesh.step({ t: 'opened', peer })
    expect(mesh.state).toMatchObject({ shuffleAt, rotateAt })
  })

  it('is begun now and then, of some of each view, with somebody it does not name', () => {
    const mesh = new LoneMesh()
    const links = mesh.join()
    const begun = framesOf('shuffle', mesh.pass(3 * SHUFFLE_EVERY_MS))
    expect(begun.length).toBeGreaterThanOrEqual(2)
    expect(begun.length).toBeLessThanOrEqual(6)
    for (const { peer, frame } of begun) {
      expect(frame).toMatchObject({ origin: 'm', ttl: SHUFFLE_STEPS })
      expect(frame.peers).not.toContain(peer)
      expect(new Set(frame.peers).size).toBe(SHUFFLE_ACTIVE + SHUFFLE_PASSIVE)
      expect(frame.peers.filter((other) => links.includes(other))).toHaveLength(SHUFFLE_ACTIVE)
    }
  })

  it('walks on, a step shorter, and says the same', () => {
    const mesh = new LoneMesh()
    const [from = id(''), ...others] = mesh.join()
    const [step] = framesOf('shuffle', mesh.frame(from, shuffle(['x'], 16)))
    expect(step?.frame).toEqual(shuffle(['x'], SHUFFLE_STEPS - 1))
    expect(others).toContain(step?.peer)
    expect(mesh.state.passive.has(id('x'))).toBe(false)
  })

  it('is answered at its end, the way it came, and what it says is remembered', () => {
    const mesh = new LoneMesh()
    const [from = id('')] = mesh.join()
    const [answer] = framesOf('shuffled', mesh.frame(from, shuffle(['x', 'y', 'm', from])))
    expect(answer).toMatchObject({ peer: from, frame: { to: ORIGIN, ttl: SHUFFLE_STEPS } })
    expect(answer?.frame.peers.length).toBeLessThanOrEqual(SHUFFLE_ACTIVE + SHUFFLE_PASSIVE)
    for (const peer of ['x', 'y', ORIGIN]) expect(mesh.state.passive.has(id(peer))).toBe(true)
    expect([mesh.state.passive.has(id('m')), mesh.state.passive.has(from)]).toEqual([false, false])
  })

  it('that was answered is remembered, in the place of those who were named in it', () => {
    const mesh = new LoneMesh()
    mesh.join()
    for (const peer of peers(PASSIVE_VIEW, 'q')) mesh.step({ t: 'heard', peer })
    const [begun] = framesOf('shuffle', mesh.pass(2 * SHUFFLE_EVERY_MS))
    if (!begun) throw new Error('no shuffle')
    const before = [...mesh.state.passive.keys()]
    const told = begun.frame.peers.filter((peer) => mesh.state.passive.has(peer))
    const news = peers(told.length, 'new')
    mesh.frame(begun.peer, { t: 'shuffled', to: id('m'), ttl: 1, peers: news })
    expect([...mesh.state.passive.keys()].sort()).toEqual(
      [...before.filter((peer) => !told.includes(peer)), ...news].sort(),
    )
  })

  it('cannot be answered twice, nor by who was never asked', () => {
    const mesh = new LoneMesh()
    const [from = id('')] = mesh.join()
    const answer = (peer: string) =>
      mesh.frame(from, { t: 'shuffled', to: id('m'), ttl: 1, peers: [id(peer)] })
    answer('unasked')
    mesh.pass(SHUFFLE_EVERY_MS)
    answer('once')
    answer('twice')
    expect(['unasked', 'once', 'twice'].map((peer) => mesh.state.passive.has(id(peer)))).toEqual([
      false,
      true,
      false,
    ])
  })

  it('of somebody else is answered over us along the way that it took', () => {
    const mesh = new LoneMesh()
    const [from = id(''), next = id(''), other = id('')] = mesh.join()
    mesh.frame(from, shuffle(['x'], 2))
    const answer = { t: 'shuffled', to: ORIGIN, ttl: 2, peers: [id('y')] } as const
    expect(mesh.frame(next, answer)).toEqual([{ t: 'send', peer: from, frame: { ...answer, ttl: 1 } }])
    expect(mesh.frame(next, { ...answer, ttl: 1 })).toEqual([])
    expect(mesh.frame(next, { ...answer, to: id('unheard-of') })).toEqual([])
    // Never back to who sent it.
    expect(mesh.frame(from, answer)).toEqual([])
    expect([mesh.state.passive.has(id('y')), mesh.links.includes(other)]).toEqual([false, true])
  })

  it('fills the passive view with no more than it holds, and costs no more than one link may', () => {
    const mesh = new LoneMesh()
    const [from = id('')] = mesh.join()
    let answers = 0
    for (let round = 0; round < 2 * MAX_SHUFFLES; round++)
      answers += framesOf(
        'shuffled',
        mesh.frame(from, shuffle(peers(7, `s${round}n`), 1, id(`o${round}`))),
      ).length
    expect(answers).toBe(MAX_SHUFFLES)
    expect(mesh.state.passive.size).toBe(PASSIVE_VIEW)
    mesh.pass(WINDOW_MS)
    expect(framesOf('shuffled', mesh.frame(from, shuffle(['x'])))).toHaveLength(1)
  })

  it('does not happen in a small room', () => {
    const mesh = new LoneMesh()
    for (const peer of peers(3)) mesh.accept(peer)
    expect(framesOf('shuffle', mesh.pass(5 * SHUFFLE_EVERY_MS))).toEqual([])
    expect(mesh.frame(id('p00'), shuffle(['x']))).toEqual([])
  })
})

describe('who said goodbye to the room', () => {
  const GONE = id('gone')
  const left = () => {
    const mesh = new LoneMesh()
    const [from = id('')] = mesh.join(ACTIVE_VIEW - 1)
    mesh.step({ t: 'heard', peer: GONE })
    mesh.step({ t: 'gone', peer: GONE })
    return { mesh, from }
  }

  it('is not believed to be here because others still tell of it', () => {
    const { mesh, from } = left()
    mesh.frame(from, shuffle([GONE, 'x'], 1, GONE))
    expect([mesh.state.passive.has(GONE), mesh.state.passive.has(id('x'))]).toEqual([false, true])
    const effects = [
      ...mesh.frame(from, walk(WALK_REMEMBERED_AT, GONE)),
      ...mesh.frame(from, { t: 'bye', instead: GONE }),
    ]
    expect([dialled(effects), mesh.state.passive.has(GONE)]).toEqual([[], false])
  })

  it('is when it is back, by its own word, its offer, or the room object’s', () => {
    for (const event of [
      { t: 'heard', peer: GONE } as const,
      named([GONE]),
      { t: 'offered', peer: GONE, urgent: false } as const,
    ]) {
      const { mesh, from } = left()
      mesh.step(event)
      mesh.step({ t: 'closed', peer: GONE })
      mesh.step({ t: 'closed', peer: GONE })
      expect(mesh.state.departed.has(GONE)).toBe(false)
      mesh.frame(from, shuffle([GONE]))
      expect(mesh.state.passive.has(GONE)).toBe(true)
    }
  })

  it('may be believed again after a while, and is not remembered for ever', () => {
    const { mesh, from } = left()
    mesh.skip(DEPARTED_MS)
    mesh.frame(from, shuffle([GONE]))
    expect(mesh.state.passive.has(GONE)).toBe(true)
    for (const peer of peers(2 * MAX_DEPARTED, 'left')) mesh.step({ t: 'gone', peer })
    expect(mesh.state.departed.size).toBe(MAX_DEPARTED)
  })
})
