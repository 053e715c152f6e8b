import { beforeEach, expect, it } from 'vitest'
import { AskQueue } from '../../../../services/log/ask-queue'
import { SkewedClock, VirtualClock } from '../../world/virtual-clock'
import { deviceOf } from './spoken'

const [ann, bob, cid] = [deviceOf('ann'), deviceOf('bob'), deviceOf('cid')]
const names = new Map([
  [ann, 'ann'],
  [bob, 'bob'],
  [cid, 'cid'],
])

let clock: VirtualClock
let skewed: SkewedClock
let queue: AskQueue
let asked: string[]

beforeEach(() => {
  clock = new VirtualClock()
  skewed = new SkewedClock(clock, 0)
  asked = []
  queue = new AskQueue(skewed, (peer, tried) =>
    asked.push([names.get(peer), ...[...tried].map((other) => names.get(other))].join(' after ')),
  )
})

it('asks two at a time, and the next when one is done or gone', () => {
  for (const peer of [ann, bob, cid]) queue.add(peer)
  expect(asked).toEqual(['ann', 'bob'])
  queue.done(bob)
  expect(asked).toEqual(['ann', 'bob', 'cid'])
  queue.soon(bob)
  clock.advance(60_000)
  expect(asked).toHaveLength(3)
  queue.remove(ann)
  expect(asked.at(-1)).toBe('bob')
})

it('asks nobody again within five seconds, nor for a ripple within thirty', () => {
  queue.add(ann)
  queue.done(ann)
  queue.soon(ann)
  clock.advance(4_999)
  expect(asked).toHaveLength(1)
  clock.advance(1)
  expect(asked).toHaveLength(2)
  queue.done(ann)
  queue.ripple(ann)
  queue.ripple(ann)
  clock.advance(29_999)
  expect(asked).toHaveLength(2)
  clock.advance(1)
  expect(asked).toHaveLength(3)
  queue.done(ann)
  clock.advance(600_000)
  expect(asked).toHaveLength(3)
  queue.ripple(ann)
  expect(asked).toHaveLength(4)
})

it('asks whoever waited longest first, so that no two can keep the others from being asked', () => {
  for (const peer of [ann, bob, cid]) queue.add(peer)
  for (const peer of [ann, bob]) queue.ripple(peer)
  clock.advance(59_000)
  queue.done(ann)
  expect(asked).toEqual(['ann', 'bob', 'cid'])
  queue.done(bob)
  expect(asked).toEqual(['ann', 'bob', 'cid', 'ann'])
})

it('hands on who was tried before, until that was asked', () => {
  queue.add(ann)
  queue.done(ann)
  queue.retry(ann, new Set([bob]))
  clock.advance(5_000)
  expect(asked).toEqual(['ann', 'ann after bob'])
  queue.done(ann)
  queue.retry(ann, new Set([cid]))
  expect([...queue.cancel(ann)]).toEqual([cid])
  clock.advance(60_000)
  expect(asked).toHaveLength(2)
  queue.soon(ann)
  expect(asked.at(-1)).toBe('ann')
})

it('does not wait an hour because the clock was set back by one', () => {
  skewed = new SkewedClock(clock, 3_600_000)
  queue = new AskQueue(skewed, () => asked.push('ann'))
  queue.add(ann)
  queue.done(ann)
  skewed.correct(clock.now())
  queue.soon(ann)
  clock.advance(5_000)
  expect(asked).toHaveLength(2)
})

it('leaves no timer once closed', () => {
  queue.add(ann)
  queue.done(ann)
  queue.soon(ann)
  expect(clock.pending).toBe(1)
  queue.close()
  expect(clock.pending).toBe(0)
})
