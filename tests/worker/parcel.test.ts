import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deviceIdOf } from '../../protocol/device'
import { MAX_HUB_BYTES, MAX_SIGNAL_BYTES } from '../../protocol/limits'
import {
  decodeFromMember,
  encodeFromMember,
  encodeToMember,
  networkBucketOf,
} from '../../protocol/room-socket'
import { envelopeFor, parcelIn } from '../../worker/objects/parcel'

const kinds = ['signal', 'hub'] as const
const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))
const device = () => deviceIdOf(random(32))

/** What the codec says of a socket message. */
function slowly(bytes: Uint8Array) {
  try {
    const message = decodeFromMember(bytes)
    return message.t === 'signal' || message.t === 'hub' ? message : undefined
  } catch {
    return undefined
  }
}

function expectSame(bytes: Uint8Array) {
  const message = slowly(bytes)
  const parcel = parcelIn(bytes)
  expect(parcel && { t: parcel.t, to: parcel.to, size: parcel.size }).toEqual(
    message && { t: message.t, to: message.to, size: message.data.length },
  )
  if (!message || !parcel) return
  const from = device()
  const bucket = networkBucketOf(random(8))
  const { t, data } = message
  expect(envelopeFor(parcel, from, bucket)).toEqual(
    encodeToMember(t === 'hub' ? { t, from, data } : { t, from, bucket, data }),
  )
}

describe('a parcel', () => {
  const sizes = [
    0,
    1,
    23,
    24,
    255,
    256,
    4_095,
    MAX_SIGNAL_BYTES,
    MAX_SIGNAL_BYTES + 1,
    MAX_HUB_BYTES,
    MAX_HUB_BYTES + 1,
  ]
  it.each(kinds)('is a %s of any size that the codec takes, passed on as the codec would', (t) => {
    for (const size of sizes) {
      const bytes = encodeFromMember({ t, to: device(), data: random(size) })
      expect(parcelIn(bytes) !== undefined).toBe(size <= (t === 'hub' ? MAX_HUB_BYTES : MAX_SIGNAL_BYTES))
      expectSame(bytes)
    }
  })

  it('is no other message', () => {
    for (const message of [{ t: 'introduce' }, { t: 'terms', direct: true }] as const) {
      expect(parcelIn(encodeFromMember(message))).toBeUndefined()
    }
  })

  it('is nothing that the codec refuses, whichever bytes were changed, cut off or added', () => {
    const edit = fc.record({
      at: fc.nat(120),
      byte: fc.nat(255),
      cut: fc.nat(3),
      added: fc.uint8Array({ maxLength: 3 }),
    })
    const size = fc.constantFrom(0, 5, 23, 24, 40, 255, 256, 300)
    fc.assert(
      fc.property(fc.constantFrom(...kinds), size, fc.array(edit, { maxLength: 2 }), (t, length, edits) => {
        let bytes: Uint8Array = encodeFromMember({ t, to: device(), data: random(length) })
        for (const { at, byte, cut, added } of edits) {
          bytes = Uint8Array.from([...bytes.subarray(0, bytes.length - cut), ...added])
          if (at < bytes.length) bytes[at] = byte
        }
        expectSame(bytes)
      }),
      { numRuns: 2_000 },
    )
  })

  it.each([
    ['a length in more bytes than it needs', [0x58, 5]],
    ['a length in two bytes that needs one', [0x59, 0, 5]],
    ['a length in four bytes', [0x5a, 0, 0, 0, 5]],
    ['a length without end', [0x5f]],
    ['a text', [0x65]],
  ])('does not hold %s', (_, head) => {
    const bytes = encodeFromMember({ t: 'hub', to: device(), data: random(5) })
    expectSame(bytes)
    const changed = Uint8Array.from([...bytes.subarray(0, -6), ...head, ...bytes.subarray(-5)])
    expect(parcelIn(changed)).toBeUndefined()
    expectSame(changed)
  })
})
