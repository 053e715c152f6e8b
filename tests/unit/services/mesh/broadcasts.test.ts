import { describe, expect, it } from 'vitest'
import { type BroadcastFrame, decodeFrame } from '../../../../protocol/frames'
import { MAX_HOPS } from '../../../../protocol/limits'
import { Broadcasts } from '../../../../services/mesh/broadcasts'

const said = (n: number): BroadcastFrame => ({
  t: 'message',
  bytes: new Uint8Array(4).fill(n),
  sig: new Uint8Array(64),
})

describe('what went through this member', () => {
  it('is kept as it was signed, and sent with as many hops as it has taken', () => {
    const broadcasts = new Broadcasts()
    broadcasts.keep('a', { ...said(1), hops: 9 })
    for (const hops of [3, 3, 1, MAX_HOPS])
      expect(decodeFrame(broadcasts.encoded('a', hops) ?? new Uint8Array())).toEqual({
        frame: { ...said(1), hops },
      })
    // Encoded once for links that get the same.
    expect(broadcasts.encoded('a', 2)).toBe(broadcasts.encoded('a', 2))
  })

  it('goes no further than a broadcast may', () => {
    const broadcasts = new Broadcasts()
    broadcasts.keep('a', said(1))
    expect(broadcasts.encoded('a', MAX_HOPS + 1)).toBeUndefined()
  })

  it('that is only known is not sent', () => {
    const broadcasts = new Broadcasts()
    broadcasts.know('a')
    expect([broadcasts.has('a'), broadcasts.has('b'), broadcasts.encoded('a', 1)]).toEqual([
      true,
      false,
      undefined,
    ])
  })

  it('is forgotten in the order it came: first what was said, much later that it was', () => {
    const broadcasts = new Broadcasts()
    for (let n = 0; n < 3_001; n++) broadcasts.keep(`${n}`, said(n))
    expect([broadcasts.encoded('0', 1), broadcasts.encoded('1', 1) !== undefined]).toEqual([undefined, true])
    expect(broadcasts.has('0')).toBe(true)
    for (let n = 3_001; n < 20_001; n++) broadcasts.know(`${n}`)
    expect([broadcasts.has('0'), broadcasts.has('1')]).toEqual([false, true])
  })
})
