import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeCanonical, encodeCanonical, MAX_DEPTH } from '../../../protocol/codec'
import { deviceIdOf, devicePublicKey } from '../../../protocol/device'
import { displayNameSchema } from '../../../protocol/display-name'
import { decodeFrame, encodeFrame } from '../../../protocol/frames'
import { MAX_FRAME_BYTES, MAX_TEXT_BYTES } from '../../../protocol/limits'
import { decodeMessage, encodeMessage, messageId, textSchema } from '../../../protocol/message'
import { channelRoom, roomIdSchema } from '../../../protocol/room-id'
import {
  decodeFromMember,
  decodeToMember,
  encodeToMember,
  networkBucketOf,
} from '../../../protocol/room-socket'
import { openSigned } from '../../../protocol/signal'

const device = deviceIdOf(new Uint8Array(32).fill(7))

describe('the canonical encoding', () => {
  it('gives back what went in', () => {
    const value = { t: 'x', n: 2 ** 50, bytes: new Uint8Array([1, 2, 3]), list: [true, null, 'é'] }
    expect(decodeCanonical(encodeCanonical(value))).toEqual(value)
  })

  it.each([
    ['an integer in more bytes than it needs', [0x18, 0x01]],
    ['a text of indefinite length', [0x7f, 0x61, 0x61, 0xff]],
    ['a map of indefinite length', [0xbf, 0xff]],
    ['a key twice', [0xa2, 0x61, 0x61, 0x01, 0x61, 0x61, 0x02]],
    ['keys out of order', [0xa2, 0x61, 0x62, 0x01, 0x61, 0x61, 0x02]],
    ['bytes after the value', [0x01, 0x01]],
    ['undefined', [0xf7]],
    ['not a number', [0xfb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0]],
    ['a tag', [0xc1, 0x01]],
    ['nothing', []],
  ])('refuses %s', (_, bytes) => {
    expect(() => decodeCanonical(new Uint8Array(bytes))).toThrow()
  })

  it.each(['', 'x'.repeat(40)])('keeps a byte order mark in front of a text (%j)', (rest) => {
    for (const text of [`\ufeff${rest}`, `\ufeff\ufeff${rest}`, `${rest}\ufeff`])
      expect(decodeCanonical(encodeCanonical([{ text }]))).toEqual([{ text }])
  })

  it('is no deeper than it may be', () => {
    const nested = (depth: number, head: number[]) =>
      new Uint8Array([...Array.from({ length: depth - 1 }, () => head).flat(), 0x80])
    for (const head of [[0x81], [0xa1, 0x61, 0x78]]) {
      expect(() => decodeCanonical(nested(MAX_DEPTH, head))).not.toThrow()
      for (const depth of [MAX_DEPTH + 1, 2_000, 100_000])
        expect(() => decodeCanonical(nested(depth, head))).toThrow('nested too deep')
    }
    const beside = { list: Array(50).fill([{ a: [] }, []]) }
    expect(decodeCanonical(encodeCanonical(beside))).toEqual(beside)
  })

  it('has one encoding for each message, so its id cannot be varied', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        let value: unknown
        try {
          value = decodeCanonical(bytes)
        } catch {
          return
        }
        expect(encodeCanonical(value)).toEqual(new Uint8Array(bytes))
      }),
      { numRuns: 5_000 },
    )
  })
})

describe('decoders', () => {
  const decoders = { decodeFrame, decodeMessage, decodeFromMember, decodeToMember, openSigned }
  it.each(Object.entries(decoders))('%s survives any bytes', (_, decode) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        try {
          decode(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(Error)
        }
      }),
      { numRuns: 1_000 },
    )
  })

  it('look at the size before anything else', () => {
    expect(decodeFrame(new Uint8Array(MAX_FRAME_BYTES + 1))).toEqual({ fault: 'oversized' })
  })

  it('take no field that is not named', () => {
    expect(decodeFrame(encodeCanonical({ t: 'ping', extra: 1 }))).toEqual({ fault: 'malformed' })
    expect(decodeFrame(encodeFrame({ t: 'ping' }))).toEqual({ frame: { t: 'ping' } })
    const member = { device, bucket: networkBucketOf(new Uint8Array(8)), direct: true }
    const welcome = encodeToMember({ t: 'welcome', now: 1, members: [member], sockets: 2 })
    expect(decodeToMember(welcome)).toMatchObject({ members: [member] })
  })
})

describe('a message', () => {
  const message = {
    v: 1,
    room: channelRoom('a'),
    device,
    seq: 0,
    time: { ms: 1, count: 0 },
    kind: 'say',
    body: 'hello',
  } as const

  it('has the same bytes and id wherever it is made', async () => {
    const bytes = encodeMessage(message)
    expect(decodeMessage(bytes)).toEqual(message)
    expect(await messageId(bytes)).toBe(await messageId(encodeMessage({ ...message })))
    // Hashed once; by the bytes themselves, not by what they hold.
    expect(messageId(bytes)).toBe(messageId(bytes))
    expect(await messageId(bytes)).not.toBe(await messageId(encodeMessage({ ...message, seq: 1 })))
  })

  it.each(['hi', 'x'.repeat(500), '👩‍👩‍👧‍👦'.repeat(71), 'مرحبا', 'line\nbreak'])('may say %j', (text) => {
    expect(textSchema.safeParse(text).success).toBe(true)
  })

  it.each(['', ' ', '\n\t', 'x'.repeat(501), '\ud83d', '𝒳'.repeat(MAX_TEXT_BYTES / 4 + 1)])(
    'may not say %j',
    (text) => {
      expect(textSchema.safeParse(text).success).toBe(false)
    },
  )
})

describe('names and ids', () => {
  it.each(['AmberOtter417', 'Zoë', '名無しさん', 'مرحبا', 'a_b-c.d', 'x'.repeat(25)])(
    '%s is a display name',
    (name) => {
      expect(displayNameSchema.safeParse(name.normalize('NFC')).success).toBe(true)
    },
  )

  it.each([
    'ab',
    'x'.repeat(26),
    'two words',
    'tab\tbed',
    'right\u202eleft',
    'zero\u200bwidth',
    'Zoe\u0308'.normalize('NFD'),
    'a@b.example',
    '<b>bold</b>',
    `${'e\u0301\u0301\u0301\u0301\u0301'.repeat(12)}`,
  ])('%j is none', (name) => {
    expect(displayNameSchema.safeParse(name).success).toBe(false)
  })

  it('rooms are named after logins alone', () => {
    expect(roomIdSchema.safeParse('twitch:some_one').success).toBe(true)
    for (const bad of ['twitch:', 'twitch:Some', 'twitch:a b', 'irc:a', `twitch:${'a'.repeat(26)}`, 7])
      expect(roomIdSchema.safeParse(bad).success).toBe(false)
    expect(() => channelRoom('Not A Login')).toThrow(TypeError)
  })

  it('a device id is its public key', () => {
    expect(devicePublicKey(device)).toEqual(new Uint8Array(32).fill(7))
    expect(() => deviceIdOf(new Uint8Array(31))).toThrow()
  })
})
