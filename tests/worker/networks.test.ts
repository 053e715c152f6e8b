import { describe, expect, it } from 'vitest'
import { deviceIdOf } from '../../protocol/device'
import { networkBucketOf } from '../../protocol/room-socket'
import { Networks } from '../../worker/objects/networks'
import { Urn } from '../../worker/objects/urn'
import { randomBelow } from '../../worker/random'

const urnOf = (...items: string[]) => {
  const urn = new Urn<string>()
  for (const item of items) urn.put(item)
  return urn
}

describe('an urn', () => {
  it('gives each item once, whatever was put in and taken out before', () => {
    const urn = new Urn<number>()
    const kept = new Set<number>()
    for (let step = 0; step < 2_000; step++) {
      const item = randomBelow(50)
      if (randomBelow(2) === 0) {
        urn.put(item)
        kept.add(item)
      } else {
        urn.remove(item)
        kept.delete(item)
      }
      expect(urn.size).toBe(kept.size)
    }
    const drawn = [...urn.drawn()]
    expect(drawn).toHaveLength(kept.size)
    expect(new Set(drawn)).toEqual(kept)
  })

  it('draws every order alike', () => {
    const urn = urnOf('x', 'a', 'b', 'c', 'd')
    urn.remove('x')
    const orders = new Map<string, number>()
    for (let draw = 0; draw < 4_800; draw++) {
      const order = [...urn.drawn()].join('')
      orders.set(order, (orders.get(order) ?? 0) + 1)
    }
    // 24 orders, 200 times each, give or take 14.
    expect(orders.size).toBe(24)
    for (const count of orders.values()) {
      expect(count).toBeGreaterThan(110)
      expect(count).toBeLessThan(290)
    }
  })

  it('is not changed by being drawn from, nor by what it does not have', () => {
    const urn = urnOf('a', 'b')
    urn.drawn().next()
    urn.remove('c')
    urn.put('a')
    expect([...urn.drawn()].toSorted()).toEqual(['a', 'b'])
    expect([...urnOf().drawn()]).toEqual([])
  })
})

describe('networks', () => {
  it('are drawn as long as somebody is of them', () => {
    const member = (network: number, at: number) => ({
      bucket: networkBucketOf(new Uint8Array(8).fill(network)),
      device: deviceIdOf(new Uint8Array(32).fill(at)),
    })
    const networks = new Networks([member(1, 1), member(1, 2), member(2, 3)])
    const sizes = () => [...networks.drawn()].map((devices) => [...devices].length).toSorted()
    expect(sizes()).toEqual([1, 2])
    networks.remove(member(1, 1))
    networks.remove(member(1, 1))
    networks.remove(member(2, 9))
    expect(sizes()).toEqual([1, 1])
    networks.remove(member(2, 3))
    expect(sizes()).toEqual([1])
    expect(networks.sizeOf(member(2, 0).bucket)).toBe(0)
    networks.add(member(2, 4))
    networks.add(member(2, 4))
    expect(sizes()).toEqual([1, 1])
  })
})
