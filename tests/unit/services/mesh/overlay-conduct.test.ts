import { describe, expect, it } from 'vitest'
import type { DeviceId } from '../../../../protocol/device'
import { wakeAt } from '../../../../services/mesh/mesh'
import {
  ANNOUNCE_MS,
  BACKOFF_MS,
  BEAT_MS,
  FRESH_LINK_MS,
  GRAFT_AFTER_MS,
  GRAFT_AGAIN_MS,
  MAX_BROKEN_PROMISES,
  SILENT_WINDOWS,
  TELLING_MESSAGES,
  TOLD_SHARE,
  WINDOW_MS,
} from '../../../../services/mesh/overlay/parameters'
import { dialled, effectsOf, id, LoneMesh, named, peers } from '../../world/lone-mesh'

const PEERS = peers(4)
const [SILENT = id(''), ...TALKATIVE] = PEERS
const [FIRST = id('')] = TALKATIVE

/** Linked with a few, of whom one will be judged. */
function linked(): LoneMesh {
  const mesh = new LoneMesh()
  for (const peer of PEERS) mesh.accept(peer)
  return mesh
}

let said = 0
/** One window, in which `FIRST` brings `messages` and the others show to have them, but for `but`. */
function talk(mesh: LoneMesh, messages: number, but: DeviceId | 'nobody' = SILENT) {
  for (let n = 0; n < messages; n++) {
    const message = `${said++}`
    mesh.hear(message, FIRST)
    for (const peer of PEERS)
      if (peer !== FIRST && peer !== but)
        mesh.frame(peer, { t: 'ihave', ids: [{ id: message, hops: 2 }] }, [])
  }
  return effectsOf('drop', mesh.pass(WINDOW_MS))
}

describe('a peer that brings nothing', () => {
  it('is let go after a few windows in which others brought much, and gets no link for a while', () => {
    const mesh = linked()
    mesh.pass(WINDOW_MS)
    for (let window = 1; window < SILENT_WINDOWS; window++) expect(talk(mesh, TELLING_MESSAGES)).toEqual([])
    expect(talk(mesh, TELLING_MESSAGES)).toEqual([{ t: 'drop', peer: SILENT, why: 'silent' }])
    mesh.step({ t: 'closed', peer: SILENT })
    expect(mesh.links).toEqual([...TALKATIVE].sort())
    expect(mesh.offered(SILENT, { urgent: true })).toEqual([])
    mesh.step({ t: 'heard', peer: SILENT })
    expect(dialled(mesh.step(named([SILENT])))).toEqual([])
    mesh.pass(BACKOFF_MS)
    expect(mesh.offered(SILENT)).toContainEqual({ t: 'accept', peer: SILENT })
  })

  it('is kept in a quiet room', () => {
    const mesh = linked()
    for (let window = 0; window < 10; window++) expect(talk(mesh, TELLING_MESSAGES - 1)).toEqual([])
  })

  it('is kept when it shows to have what is said, if only now and then', () => {
    const mesh = linked()
    for (let window = 0; window < 10; window++)
      expect(talk(mesh, TELLING_MESSAGES, window % SILENT_WINDOWS === 0 ? SILENT : 'nobody')).toEqual([])
  })

  it('has to show a share of what is said, not all', () => {
    const mesh = linked()
    const messages = 4 * TELLING_MESSAGES
    for (let window = 0; window < 5; window++) {
      const shown = Array.from({ length: Math.ceil(TOLD_SHARE * messages) }, (_, n) => ({
        id: `${window} ${n}`,
        hops: 2,
      }))
      mesh.frame(SILENT, { t: 'ihave', ids: shown }, [])
      expect(talk(mesh, messages)).toEqual([])
    }
  })

  it('is judged by whole windows only', () => {
    const mesh = linked()
    mesh.pass(WINDOW_MS / 2)
    const late = id('late')
    mesh.accept(late)
    // Its first window is not a whole one.
    for (let window = 0; window < SILENT_WINDOWS; window++)
      expect(talk(mesh, TELLING_MESSAGES, 'nobody')).toEqual([])
    expect(talk(mesh, TELLING_MESSAGES, 'nobody')).toEqual([{ t: 'drop', peer: late, why: 'silent' }])
  })
})

describe('a peer that broke promises long ago', () => {
  it('is forgiven one with each window', () => {
    const mesh = linked()
    for (let window = 0; window < 3 * MAX_BROKEN_PROMISES; window++) {
      mesh.frame(SILENT, { t: 'ihave', ids: [{ id: `x${window}`, hops: 1 }] })
      mesh.pass(GRAFT_AFTER_MS + GRAFT_AGAIN_MS)
      expect(mesh.link(SILENT).broken).toBe(1)
      mesh.pass(WINDOW_MS - GRAFT_AFTER_MS - GRAFT_AGAIN_MS)
    }
    expect(mesh.links).toContain(SILENT)
  })
})

describe('a member is woken', () => {
  it('never, while it is alone and knows of nobody', () => {
    expect(wakeAt(new LoneMesh().state)).toBe(Number.POSITIVE_INFINITY)
  })

  it('every second while it wants something, and seldom when it wants nothing', () => {
    const mesh = new LoneMesh()
    mesh.step(named([id('a')]))
    expect(wakeAt(mesh.state)).toBe(mesh.now + BEAT_MS)
    mesh.pass(10 * BEAT_MS)
    expect(wakeAt(mesh.state)).toBeLessThanOrEqual(mesh.now + BEAT_MS)
    mesh.step({ t: 'opened', peer: id('a') })
    for (const peer of PEERS) mesh.accept(peer)
    expect(wakeAt(mesh.state)).toBe(mesh.state.windowEndsAt)
    mesh.pass(WINDOW_MS)
    expect(wakeAt(mesh.state)).toBe(mesh.now + WINDOW_MS)
  })

  it('when something is to be announced, and when something that was announced is to be asked for', () => {
    const mesh = linked()
    mesh.skip(FRESH_LINK_MS)
    mesh.hear('x', FIRST)
    expect(wakeAt(mesh.state)).toBe(mesh.now + ANNOUNCE_MS)
    mesh.pass(ANNOUNCE_MS)
    mesh.frame(FIRST, { t: 'ihave', ids: [{ id: 'y', hops: 1 }] })
    expect(wakeAt(mesh.state)).toBe(mesh.now + GRAFT_AFTER_MS)
  })

  it('for shuffles and rotation in a larger room only', () => {
    const mesh = linked()
    mesh.pass(WINDOW_MS)
    const { shuffleAt, rotateAt } = mesh.state
    expect(Math.min(shuffleAt, rotateAt)).toBeLessThan(Number.POSITIVE_INFINITY)
    mesh.pass(2 * WINDOW_MS)
    expect([mesh.state.shuffleAt, mesh.state.rotateAt]).toEqual([shuffleAt, rotateAt])
    const large = new LoneMesh(id('m'), () => 0.6)
    large.join()
    const { shuffleAt: due } = large.state
    large.pass(due - large.now - 1)
    expect([wakeAt(large.state), large.state.windowEndsAt]).toEqual([due, expect.any(Number)])
    expect(large.state.windowEndsAt).toBeGreaterThan(due)
  })
})
