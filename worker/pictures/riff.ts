import { ProblemError } from '../problem'

export interface Chunk {
  /** Four characters. */
  name: string
  data: Uint8Array
}

const HEADER = 12
const CHUNK_HEADER = 8
/** What a still image needs: `VP8X`, `ALPH`, `VP8 `. More are looked at only to say what is wrong. */
const MAX_CHUNKS = 32

/**
 * The chunks of a WebP file (RFC 9649 §2.3–2.4): lengths add up to the last byte and padding is zero, so that nothing
 * hides behind the image or between its parts. Looks at no more than `MAX_CHUNKS`.
 *
 * @throws {ProblemError} `picture_not_webp` or `picture_broken`.
 */
export function chunksOf(bytes: Uint8Array): Chunk[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const nameAt = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 4))
  if (nameAt(0) !== 'RIFF' || nameAt(8) !== 'WEBP') throw new ProblemError('picture_not_webp')
  if (view.getUint32(4, true) !== bytes.length - 8) throw broken()
  const chunks: Chunk[] = []
  for (let at = HEADER; at < bytes.length; ) {
    if (chunks.length === MAX_CHUNKS || bytes.length - at < CHUNK_HEADER) throw broken()
    const start = at + CHUNK_HEADER
    const end = start + view.getUint32(at + 4, true)
    const padded = end + (end % 2)
    if (padded > bytes.length || (padded > end && bytes[end] !== 0)) throw broken()
    chunks.push({ name: nameAt(at), data: bytes.subarray(start, end) })
    at = padded
  }
  return chunks
}

const broken = () => new ProblemError('picture_broken')
