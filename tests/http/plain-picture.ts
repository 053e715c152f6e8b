import { PICTURE_PIXELS } from '../../protocol/limits'
import { riff } from '../worker/support/riff'

/** A real lossless WebP of one colour (RFC 9649 §3): five prefix codes of one symbol each, so that pixels take no bits. */
export function plainPicture(red: number, green: number, blue: number): Uint8Array<ArrayBuffer> {
  let bits = ''
  const add = (value: number, count: number) => {
    for (let at = 0; at < count; at++) bits += (value >> at) & 1
  }
  add(0x2f, 8)
  add(PICTURE_PIXELS - 1, 14)
  add(PICTURE_PIXELS - 1, 14)
  add(0, 4)
  // No transform, no colour cache, no meta codes.
  add(0, 3)
  for (const symbol of [green, red, blue, 255, 0]) {
    // A simple code of one symbol of eight bits.
    add(0b101, 3)
    add(symbol, 8)
  }
  const bytes = Uint8Array.from({ length: Math.ceil(bits.length / 8) }, (_, at) =>
    Number.parseInt([...bits.slice(at * 8, at * 8 + 8).padEnd(8, '0')].reverse().join(''), 2),
  )
  return riff([['VP8L', bytes]])
}
