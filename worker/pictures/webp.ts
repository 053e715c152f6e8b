import { PICTURE_PIXELS } from '../../protocol/limits'
import { ProblemError } from '../problem'
import { type Chunk, chunksOf } from './riff'

/**
 * Checks a picture by its structure alone, in one pass over a handful of chunks and before anything is decoded: a
 * still WebP (RFC 9649) of exactly `PICTURE_PIXELS` squared that holds an image and nothing else. Refuses what it does
 * not understand.
 *
 * @throws {ProblemError} `picture_not_webp`, `picture_animated`, `picture_has_metadata`, `picture_wrong_size` or
 * `picture_broken`; nothing else.
 */
export function checkStructure(bytes: Uint8Array): void {
  const chunks = chunksOf(bytes)
  for (const { name } of chunks) refuseByName(name)
  const [first, second, third] = chunks
  if (first?.name === 'VP8 ' || first?.name === 'VP8L') {
    if (chunks.length !== 1) throw broken()
    checkSize(sizeOf(first))
    return
  }
  if (first?.name !== 'VP8X') throw broken()
  const { hasAlpha, ...canvas } = readExtended(first.data)
  checkSize(canvas)
  const image = second?.name === 'ALPH' ? third : second
  if (second?.name === 'ALPH') checkAlpha(second.data, { hasAlpha, of: image })
  if (!image || chunks.length !== (second === image ? 2 : 3)) throw broken()
  checkSize(sizeOf(image))
}

const broken = () => new ProblemError('picture_broken')

interface Size {
  width: number
  height: number
}

function checkSize({ width, height }: Size): void {
  if (width !== PICTURE_PIXELS || height !== PICTURE_PIXELS) throw new ProblemError('picture_wrong_size')
}

function refuseByName(name: string): void {
  if (name === 'ANIM' || name === 'ANMF') throw new ProblemError('picture_animated')
  if (name === 'EXIF' || name === 'XMP ' || name === 'ICCP') throw new ProblemError('picture_has_metadata')
}

/** `VP8X` (RFC 9649 §2.7): flags and the size of the canvas. */
function readExtended(data: Uint8Array): Size & { hasAlpha: boolean } {
  const [flags = 0, ...rest] = data
  if (data.length !== 10 || rest[0] !== 0 || rest[1] !== 0 || rest[2] !== 0) throw broken()
  if (flags & 0x02) throw new ProblemError('picture_animated')
  if (flags & 0x2c) throw new ProblemError('picture_has_metadata')
  if (flags & ~0x10) throw broken()
  const view = viewOf(data)
  const uint24 = (at: number) => view.getUint16(at, true) | (view.getUint8(at + 2) << 16)
  return { hasAlpha: flags !== 0, width: uint24(4) + 1, height: uint24(7) + 1 }
}

/** `ALPH` (§2.7.1.2): transparency beside a lossy image; reserved bits and unknown methods are refused. */
function checkAlpha(data: Uint8Array, { hasAlpha, of }: { hasAlpha: boolean; of: Chunk | undefined }): void {
  const [method = 0xff] = data
  const isKnown = method >> 6 === 0 && ((method >> 4) & 3) <= 1 && (method & 3) <= 1
  if (!hasAlpha || !isKnown || data.length < 2 || of?.name !== 'VP8 ') throw broken()
}

function sizeOf({ name, data }: Chunk): Size {
  if (name === 'VP8 ') return sizeOfLossy(data)
  if (name === 'VP8L') return sizeOfLossless(data)
  throw broken()
}

/** A `VP8 ` key frame (RFC 6386 §9.1): shown, of a known version, unscaled, its first partition within the chunk. */
function sizeOfLossy(data: Uint8Array): Size {
  if (data.length < 10) throw broken()
  const view = viewOf(data)
  const tag = view.getUint16(0, true) | (view.getUint8(2) << 16)
  const isKeyFrame = (tag & 1) === 0
  const version = (tag >> 1) & 7
  const isShown = ((tag >> 4) & 1) === 1
  const firstPartition = tag >> 5
  const isStarted = data[3] === 0x9d && data[4] === 0x01 && data[5] === 0x2a
  if (!isKeyFrame || version > 3 || !isShown || !isStarted || firstPartition > data.length - 10)
    throw broken()
  const width = view.getUint16(6, true)
  const height = view.getUint16(8, true)
  if (width >> 14 || height >> 14) throw broken()
  return { width, height }
}

/** `VP8L` (RFC 9649 §3.4): a signature, 14 bits each for width and height, one for alpha, three for a version. */
function sizeOfLossless(data: Uint8Array): Size {
  if (data.length < 6 || data[0] !== 0x2f) throw broken()
  const bits = viewOf(data).getUint32(1, true)
  if (bits >>> 29 !== 0) throw broken()
  return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
}

const viewOf = (data: Uint8Array) => new DataView(data.buffer, data.byteOffset, data.byteLength)
