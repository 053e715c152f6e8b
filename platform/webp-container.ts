import { concat, utf8 } from '../protocol/bytes'

type Bytes = Uint8Array<ArrayBuffer>

/** `VP8X`'s flag that says that there is transparency (RFC 9649 §2.7). */
const ALPHA = 0x10

/**
 * A browser's WebP with its image alone: Chromium adds a colour profile, which says no more than that it is sRGB, as
 * everything without one is. Trusts the lengths, which the browser has just written.
 */
export function imageOnly(file: Bytes): Bytes {
  const chunks = chunksOf(file)
  const image = chunks.find(({ name }) => name === 'VP8 ' || name === 'VP8L')
  if (!image) throw new TypeError('a WebP without an image')
  const alpha = image.name === 'VP8 ' ? chunks.find(({ name }) => name === 'ALPH') : undefined
  const header = chunks.find(({ name }) => name === 'VP8X')
  if (!alpha || !header) return riff(image.whole)
  // Flags first; the size of the canvas stays.
  const plain = header.whole.slice()
  plain.set([ALPHA, 0, 0, 0], 8)
  return riff(plain, alpha.whole, image.whole)
}

/** Each chunk with its name, its length and its padding. */
function chunksOf(file: Bytes): { name: string; whole: Bytes }[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const chunks = []
  for (let at = 12; at + 8 <= file.length; ) {
    const length = view.getUint32(at + 4, true)
    const end = at + 8 + length + (length % 2)
    chunks.push({ name: String.fromCharCode(...file.subarray(at, at + 4)), whole: file.slice(at, end) })
    at = end
  }
  return chunks
}

function riff(...chunks: Bytes[]): Bytes {
  const body = concat(utf8('WEBP'), ...chunks)
  const size = new Uint8Array(4)
  new DataView(size.buffer).setUint32(0, body.length, true)
  return concat(utf8('RIFF'), size, body)
}
