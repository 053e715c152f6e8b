import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { decodeFrame, encodeFrame } from '../../../../protocol/frames'
import { HUB_BYTES, MAX_FRAME_BYTES } from '../../../../protocol/limits'
import { MAX_HUB_BACKLOG_BYTES, MAX_HUB_WAIT_MS } from '../../../../services/mesh/hub-link'
import type { Link } from '../../../../services/mesh/link'
import { type Linker, LinkWorld, text } from '../../world/link-world'
import { pass, until } from '../../world/virtual-clock'

let world: LinkWorld
let ada: Linker
let ben: Linker
let toBen: Link
beforeEach(async () => {
  world = await LinkWorld.create()
  ;[ada, ben] = await world.pair({}, {})
  world.introduce(ada, ben)
  await linked()
})
afterEach(() => world.close())

async function linked() {
  await until(world.clock, () => world.kind(ada, ben) === 'hub', 'linked')
  const link = ada.linked.get(ben.person.device)
  if (!link) throw new Error('no link')
  toBen = link
}
/** Something said at `ms`. */
function live(ms: number, n: number) {
  const bytes = new Uint8Array(300)
  new DataView(bytes.buffer).setFloat64(0, ms)
  bytes[8] = n
  return encodeFrame({ t: 'message', bytes, sig: new Uint8Array(64) })
}
const stampOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0)
const isUnlinked = () => ada.unlinked.length > 0 && ben.unlinked.length > 0
const faults = (linker: Linker) => linker.faults.map(([fault]) => fault)

describe('a link through the room object', () => {
  it('carries a conversation in order that nobody on the way can read', async () => {
    const lines = Array.from({ length: 40 }, (_, index) => `a secret line ${index}`)
    for (const line of lines) {
      ada.mesh.broadcast(text(line))
      ben.mesh.broadcast(text(`${line} back`))
    }
    await until(world.clock, () => ada.received.length === 40 && ben.received.length === 40)
    expect(ben.received).toEqual(lines)
    expect(ada.received).toEqual(lines.map((line) => `${line} back`))
    expect(world.hubFrames.length).toBeGreaterThan(80)
    for (const { bytes } of world.hubFrames) expect(Buffer.from(bytes).includes('secret')).toBe(false)
  })

  it('drops what was sent twice or swapped, and tells', async () => {
    world.tamperHub = (bytes) => [bytes, bytes]
    ada.mesh.broadcast(text('once'))
    await until(world.clock, () => faults(ben).length > 0)
    expect(ben.received).toEqual(['once'])
    expect(faults(ben)).toEqual(['hub-replayed'])
    expect(ada.unlinked).toEqual([])
  })

  it('does not let another member or another session speak', async () => {
    const old = world.hubFrames.at(-1)?.bytes
    ada.mesh.broadcast(text('first'))
    await until(world.clock, () => ben.received.length === 1)
    const real = world.hubFrames.at(-1)?.bytes
    if (!old || !real) throw new Error('nothing was sent')
    const forged = new Uint8Array(real)
    forged[15] = 9
    ben.mesh.receiveHub(ada.person.device, forged)
    ben.mesh.receiveHub(ben.person.device, real)
    ben.mesh.receiveHub(ada.person.device, new Uint8Array(40))
    ben.mesh.receiveHub(ada.person.device, new Uint8Array(3))
    ben.mesh.receiveHub(ada.person.device, new Uint8Array(20_000))
    ada.mesh.broadcast(text('second'))
    await until(world.clock, () => ben.received.length === 2)
    expect(ben.received).toEqual(['first', 'second'])
    expect(faults(ben)).toEqual(['hub-forged'])
  })

  it.each<[string, (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>[]]>([
    ['swallowed', () => []],
    ['changed', (bytes) => [bytes.map((byte, at) => (at === 20 ? byte ^ 1 : byte))]],
    ['cut', (bytes) => [bytes.slice(0, -1)]],
  ])('of which a frame was %s closes on both ends, and comes back', async (_, tamper) => {
    world.tamperHub = tamper
    ada.mesh.broadcast(text('lost'))
    await pass(world.clock, 50, 5)
    world.tamperHub = (bytes) => [bytes]
    ada.mesh.broadcast(text('after'))
    await until(world.clock, isUnlinked)
    expect(ben.received).toEqual([])
    expect(faults(ben)).toContain('hub-lost')
    await linked()
    ada.mesh.broadcast(text('again'))
    await until(world.clock, () => ben.received.includes('again'))
  })

  it('closes on both ends, and neither hears what was sent too late', async () => {
    toBen.close()
    toBen.send(text('too late'))
    await until(world.clock, isUnlinked)
    expect(ben.received).toEqual([])
    expect(ada.mesh.peers).toEqual([])
  })

  it('ends with the socket, and comes back with it', async () => {
    ada.isOnline = false
    ada.mesh.hubClosed()
    await until(world.clock, () => ada.unlinked.length === 1)
    ada.isOnline = true
    await linked()
    ada.mesh.broadcast(text('back'))
    await until(world.clock, () => ben.received.includes('back'))
  })

  it('ends when the peer is gone, and not before', async () => {
    ada.mesh.absent(ada.person.device)
    await pass(world.clock, 50, 5)
    expect(world.kind(ada, ben)).toBe('hub')
    ben.isOnline = false
    ada.mesh.broadcast(text('anybody there?'))
    await until(world.clock, () => ada.unlinked.length === 1)
  })

  it('ends when the socket takes nothing', async () => {
    ada.isOnline = false
    ada.mesh.broadcast(text('into the void'))
    await until(world.clock, () => ada.unlinked.length === 1)
  })

  it('makes whoever has much to say wait, and loses nothing of it', async () => {
    expect(toBen.isBusy).toBe(false)
    const frame = text('x'.repeat(MAX_FRAME_BYTES))
    let sent = 0
    const bulk = async () => {
      for (; sent < 150; sent++) {
        await toBen.whenWritable()
        toBen.send(frame)
      }
    }
    const done = bulk()
    await until(world.clock, () => toBen.isBusy, 'busy')
    const before = sent
    expect(before).toBeLessThan(150)
    await until(world.clock, () => sent === 150, 'all sent', 100)
    await done
    await until(world.clock, () => ben.received.length === 150, 'all heard', 100)
    expect(ada.unlinked).toEqual([])
  })

  it('closes when far too much waits, and lets whoever waits go on', async () => {
    const frame = text('x'.repeat(MAX_FRAME_BYTES))
    const count = Math.ceil(MAX_HUB_BACKLOG_BYTES / MAX_FRAME_BYTES)
    for (let index = 0; index < count - 1; index++) toBen.send(frame)
    const waiting = toBen.whenWritable()
    expect(toBen.isBusy).toBe(true)
    expect(ada.mesh.peers).toHaveLength(1)
    toBen.send(frame)
    await waiting
    expect(toBen.isBusy).toBe(false)
    const before = world.hubFrames.length
    await until(world.clock, () => ben.unlinked.length === 1)
    // What had its turn before, nothing of what waited, and that it is over.
    const sizes = world.hubFrames.slice(before).map(({ bytes }) => bytes.length)
    expect(sizes.length).toBeLessThan((0.75 * HUB_BYTES.burst) / MAX_FRAME_BYTES + 1)
    expect(sizes.at(-1)).toBeLessThan(100)
    expect(faults(ben)).toEqual([])
    expect(() => toBen.send(new Uint8Array(MAX_FRAME_BYTES + 1))).not.toThrow()
  })

  it('through which more is said than fits brings nothing late, and reconciles meanwhile', async () => {
    const delays: number[] = []
    const asked: number[] = []
    const from = ben.linked.get(ada.person.device)
    if (!from) throw new Error('no link')
    from.onFrame = (bytes) => {
      const decoded = decodeFrame(bytes)
      if (!('frame' in decoded)) return
      const { frame } = decoded
      if (frame.t === 'message') delays.push(world.clock.now() - stampOf(frame.bytes))
      if (frame.t === 'want') asked.push(world.clock.now())
    }
    let wanted = 0
    let longestAnswer = 0
    for (let tick = 0; tick < 600; tick++) {
      for (let n = 0; n < 15; n++) toBen.send(live(world.clock.now(), n))
      if (tick % 20 === 0) {
        const at = world.clock.now()
        const heard = asked.length
        toBen.send(encodeFrame({ t: 'want', ids: new Uint8Array(16) }))
        wanted++
        await until(world.clock, () => asked.length > heard, 'asked', 50)
        longestAnswer = Math.max(longestAnswer, world.clock.now() - at)
      }
      await pass(world.clock, 200, 50)
    }
    expect(Math.max(...delays)).toBeLessThan(MAX_HUB_WAIT_MS + 1_000)
    expect(delays.length).toBeGreaterThan(2_000)
    expect([asked.length, wanted]).toEqual([30, 30])
    expect(longestAnswer).toBeLessThan(2_000)
    expect([faults(ada), faults(ben), ada.unlinked]).toEqual([[], [], []])
  })

  it('that closes while much waits is not thought of as cut', async () => {
    for (let n = 0; n < 400; n++) toBen.send(live(world.clock.now(), n))
    await pass(world.clock, 100, 5)
    toBen.close()
    await until(world.clock, isUnlinked)
    await pass(world.clock, 100, 5)
    expect([faults(ada), faults(ben)]).toEqual([[], []])
  })

  it('takes no frame that is too large', () => {
    expect(() => toBen.send(new Uint8Array(MAX_FRAME_BYTES + 1))).toThrow(RangeError)
  })
})
