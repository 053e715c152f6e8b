import { beforeEach, describe, expect, it } from 'vitest'
import { HUB_BYTES, HUB_FRAMES } from '../../../../protocol/limits'
import { HubPacer } from '../../../../services/mesh/hub-pacer'
import { TokenBucket } from '../../../../services/token-bucket'
import { VirtualClock } from '../../world/virtual-clock'

const SECONDS = 60

let clock: VirtualClock
let sent: string[]
let bytes: number
let late: string[]
let say: (peer: string, size: number) => void
let pacer: HubPacer
/** The room object's own count, which must never run out. */
let isCutOff: boolean
beforeEach(() => {
  clock = new VirtualClock()
  sent = []
  bytes = 0
  isCutOff = false
  const frames = new TokenBucket(HUB_FRAMES.burst, HUB_FRAMES.perSecond, clock.now())
  const volume = new TokenBucket(HUB_BYTES.burst, HUB_BYTES.perSecond, clock.now())
  late = []
  pacer = new HubPacer(clock)
  say = (peer, size) => {
    if (!frames.take(1, clock.now()) || !volume.take(size, clock.now())) isCutOff = true
    sent.push(peer)
    bytes += size
  }
})

const fill = (lane: object, peer: string, count: number, size = 100, until = Number.POSITIVE_INFINITY) => {
  for (let index = 0; index < count; index++)
    pacer.push(lane, { size, until, send: () => say(peer, size), late: () => late.push(peer) })
}

describe('the pace of all hub links together', () => {
  it('is at once while little is said', () => {
    fill({}, 'a', 20)
    expect(sent).toHaveLength(20)
    expect(clock.pending).toBe(0)
  })

  it.each([
    [10, 50],
    [8_000, 50],
    [1_000, 30],
  ])('of frames of %i bytes stays below what the room object allows', (size, lanes) => {
    for (let lane = 0; lane < lanes; lane++) fill({}, `p${lane}`, 200, size)
    for (let second = 0; second < SECONDS * 10; second++) clock.advance(100)
    expect(isCutOff).toBe(false)
    const isFull =
      sent.length > (SECONDS * HUB_FRAMES.perSecond) / 2 || bytes > (SECONDS * HUB_BYTES.perSecond) / 2
    expect(isFull).toBe(true)
  })

  it('gives every link its turn', () => {
    fill({}, 'talker', 2_000)
    fill({}, 'quiet', 1)
    const before = sent.length
    clock.advance(1_000)
    expect(sent.slice(before).indexOf('quiet')).toBeLessThan(3)
    expect(sent).toContain('quiet')
  })

  it('keeps the order of one link', () => {
    const order: number[] = []
    const lane = {}
    const late = () => {}
    for (let index = 0; index < 500; index++)
      pacer.push(lane, { size: 10, until: Number.POSITIVE_INFINITY, send: () => order.push(index), late })
    clock.advance(60_000)
    expect(order).toEqual(Array.from({ length: 500 }, (_, index) => index))
  })

  it('forgets what a link that is gone had to say, and leaves no timer when nothing waits', () => {
    const lane = {}
    fill(lane, 'a', 1_000)
    const before = sent.length
    pacer.drop(lane)
    clock.advance(60_000)
    expect(sent).toHaveLength(before)
    fill(lane, 'a', 1_000)
    pacer.close()
    expect(clock.pending).toBe(0)
  })

  it('sends nothing whose time is over, and does not count it', () => {
    const lane = {}
    fill({}, 'talker', 5_000)
    fill(lane, 'quick', 1_000, 100, clock.now() + 10_000)
    fill(lane, 'patient', 5)
    clock.advance(10_000)
    const inTime = sent.filter((peer) => peer === 'quick').length
    clock.advance(2_000)
    expect(sent.filter((peer) => peer === 'quick')).toHaveLength(inTime)
    expect(inTime + late.length).toBe(1_000)
    expect(new Set(late)).toEqual(new Set(['quick']))
    expect(sent.filter((peer) => peer === 'patient')).toHaveLength(5)
  })
})
