import { describe, expect, it } from 'vitest'
import type { DeviceId } from '../../../../protocol/device'
import {
  ACTIVE_VIEW,
  FULL_MESH_MEMBERS,
  INTRODUCE_ALONE_EVERY_MS,
  INTRODUCE_EVERY_MS,
  LOSSES_MS,
  MAX_INTRODUCED,
  ROTATE_EVERY_MS,
  ROTATE_TROUBLED_MS,
  SILENT_WINDOWS,
  TELLING_MESSAGES,
  TROUBLE_MS,
  TRUSTED_LINKS,
  WINDOW_MS,
} from '../../../../services/mesh/overlay/parameters'
import { dialled, effectsOf, framesOf, id, LoneMesh, named, peers } from '../../world/lone-mesh'

const trusted = (mesh: LoneMesh) => mesh.links.filter((peer) => mesh.link(peer).isTrusted)

/** A newcomer to a large room, to whom the room object names `members`: by network. */
function newcomer(members: Record<string, readonly DeviceId[]>): { mesh: LoneMesh; first: DeviceId[] } {
  const mesh = new LoneMesh()
  for (const peer of peers(FULL_MESH_MEMBERS, 'stranger')) mesh.step({ t: 'heard', peer })
  const all = Object.entries(members).flatMap(([bucket, devices]) =>
    devices.map((device) => ({ device, bucket })),
  )
  return { mesh, first: dialled(mesh.step({ t: 'introduced', peers: all })) }
}

describe('links on the room object’s word', () => {
  it('go to as many networks, urgently, and are told from others', () => {
    const { mesh, first } = newcomer({ crowd: peers(6, 'crowd'), other: [id('other')] })
    expect(first).toHaveLength(TRUSTED_LINKS)
    expect(first).toContain('other')
    expect([...mesh.state.pending.values()].every(({ isUrgent, by }) => isUrgent && by === 'us')).toBe(true)
    for (const peer of first) mesh.step({ t: 'opened', peer })
    mesh.accept(id('accepted'))
    expect(trusted(mesh)).toEqual([...first].sort())
  })

  it('go to one network where there is no other', () => {
    const { mesh, first } = newcomer({ one: peers(6) })
    expect(first).toHaveLength(TRUSTED_LINKS)
    for (const peer of first) mesh.step({ t: 'opened', peer })
    expect(trusted(mesh)).toHaveLength(TRUSTED_LINKS)
  })

  it('are no more than agreed, and no longer those we merely accepted', () => {
    const { mesh, first } = newcomer({ a: [id('a')], b: [id('b')], c: [id('c')], d: [id('d')] })
    for (const peer of first) mesh.step({ t: 'opened', peer })
    // Named, but the link comes of its offer, not of ours.
    const [next = id('')] = ['a', 'b', 'c', 'd'].map(id).filter((peer) => !first.includes(peer))
    mesh.step({ t: 'closed', peer: next })
    mesh.accept(next)
    expect(trusted(mesh)).toEqual([...first].sort())
  })

  it('are set up anew when they break, with others who were named', () => {
    const { mesh, first } = newcomer({ a: [id('a')], b: [id('b')], c: [id('c')] })
    for (const peer of first) mesh.step({ t: 'opened', peer })
    const [lost = id('')] = first
    const third = ['a', 'b', 'c'].map(id).filter((peer) => !first.includes(peer))
    expect(dialled(mesh.step({ t: 'closed', peer: lost }))).toEqual(third)
  })

  it('are asked for where none are known', () => {
    const mesh = new LoneMesh()
    mesh.join()
    expect(effectsOf('introduce', mesh.pass(3 * INTRODUCE_ALONE_EVERY_MS)).length).toBeGreaterThanOrEqual(2)
  })

  it('are remembered up to a number, the newest', () => {
    const mesh = new LoneMesh()
    mesh.step(named(peers(2 * MAX_INTRODUCED)))
    expect([...mesh.state.introduced.keys()]).toEqual(peers(2 * MAX_INTRODUCED).slice(MAX_INTRODUCED))
  })

  it('with a network one of whose devices misbehaved are not sought', () => {
    const { mesh, first } = newcomer({ bad: peers(3, 'bad'), good: [id('good')] })
    for (const peer of first) mesh.step({ t: 'opened', peer })
    const [bad = id('')] = first.filter((peer) => peer.startsWith('bad'))
    for (let window = 0; window <= SILENT_WINDOWS; window++) {
      for (let told = 0; told < TELLING_MESSAGES; told++) mesh.hear(`${window} ${told}`, id('good'))
      mesh.pass(WINDOW_MS)
    }
    expect(mesh.state.shunned.has(bad)).toBe(true)
    expect([...mesh.state.introduced.keys()]).toEqual(['good'])
  })
})

describe('rotation', () => {
  it('takes up another link now and then, for which an older one makes room', () => {
    const mesh = new LoneMesh()
    const links = mesh.join()
    const effects = mesh.pass(1.5 * ROTATE_EVERY_MS)
    const [dial, ...more] = effectsOf('dial', effects)
    expect([dial, more.length]).toEqual([{ t: 'dial', peer: expect.anything(), urgent: true }, 0])
    if (!dial) return
    const byes = framesOf('bye', mesh.step({ t: 'opened', peer: dial.peer }))
    expect(byes).toHaveLength(1)
    expect([links.includes(byes[0]?.peer ?? id('')), mesh.links.length]).toEqual([true, ACTIVE_VIEW])
  })

  it('is for members with all their places taken, of rooms that are not small', () => {
    const small = new LoneMesh()
    for (const peer of peers(3)) small.accept(peer)
    expect(dialled(small.pass(4 * ROTATE_EVERY_MS))).toEqual([])
  })
})

describe('a member that loses half of its links at once', () => {
  const bereaved = (apart: number) => {
    const mesh = new LoneMesh()
    const links = mesh.join()
    mesh.pass(10_000)
    for (const peer of links.slice(0, 3)) {
      mesh.step({ t: 'closed', peer })
      mesh.skip(apart)
    }
    return mesh
  }

  it('believes the room torn: it asks the room object often, and looks further soon', () => {
    const mesh = bereaved(100)
    expect(mesh.state.troubledUntil).toBeGreaterThan(mesh.now + TROUBLE_MS - 1_000)
    expect(mesh.state.rotateAt).toBeLessThanOrEqual(mesh.now + 1.5 * ROTATE_TROUBLED_MS)
    const asked = effectsOf('introduce', mesh.pass(10 * INTRODUCE_EVERY_MS)).length
    expect(asked).toBeGreaterThanOrEqual(9)
  })

  it('does not when they go one by one', () => {
    const mesh = bereaved(LOSSES_MS)
    expect(mesh.state.troubledUntil).toBe(Number.NEGATIVE_INFINITY)
  })

  it('calms down', () => {
    const mesh = bereaved(100)
    for (const peer of peers(3, 'q')) mesh.accept(peer)
    mesh.pass(TROUBLE_MS + INTRODUCE_ALONE_EVERY_MS)
    const asked = effectsOf('introduce', mesh.pass(10 * INTRODUCE_ALONE_EVERY_MS)).length
    expect(asked).toBeLessThanOrEqual(11)
  })
})
