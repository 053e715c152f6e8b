import { concat, utf8 } from '../../../protocol/bytes'
import type { ErrorCode } from '../../../protocol/error-codes'
import { PICTURE_PIXELS } from '../../../protocol/limits'
import { extended, type Part, partsOf, riff } from './riff'
import { pattern, webp } from './webp'

type Bytes = Uint8Array<ArrayBuffer>
export type BadPicture = readonly [what: string, code: ErrorCode, file: Bytes]

const HTML = utf8('<!doctype html><script>alert(1)</script>')
/** Flags of `VP8X`. */
const FLAG = { animation: 0x02, xmp: 0x04, exif: 0x08, alpha: 0x10, icc: 0x20, reserved: 0x40 }

const one = ([part]: Part[]): Part => {
  if (!part) throw new Error('no such part')
  return part
}

/** A copy with some bytes overwritten. */
function patched(file: Bytes, at: number, ...bytes: number[]): Bytes {
  const copy = file.slice()
  copy.set(bytes, at)
  return copy
}

const resized = (data: Bytes, width: number, height = width): Part => [
  'VP8 ',
  patched(data, 6, width & 255, width >> 8, height & 255, height >> 8),
]

function resizedLossless(data: Bytes, width: number): Part {
  const copy = data.slice()
  const view = new DataView(copy.buffer)
  const size = width - 1
  view.setUint32(1, ((view.getUint32(1, true) & 0xf0000000) | size | (size << 14)) >>> 0, true)
  return ['VP8L', copy]
}

/** What must be refused by structure alone, before anything is decoded. */
export async function badByStructure(): Promise<BadPicture[]> {
  const file = await webp()
  const lossy = one(partsOf(file))
  const lossless = one(partsOf(await webp({ lossless: true })))
  const withAlpha = partsOf(await webp({ paint: pattern(1, 3) }))
  const alpha = one(withAlpha.filter(([name]) => name === 'ALPH'))
  const under = one(withAlpha.filter(([name]) => name === 'VP8 '))
  const ofOddLength = concat(lossless[1], new Uint8Array(1 - (lossless[1].length % 2)))
  const padded = riff([['VP8L', ofOddLength]])
  const frame: Part = ['ANMF', concat(new Uint8Array(16), utf8('VP8 '), lossy[1])]
  const meta = (name: string): Part => [name, HTML]
  const n = PICTURE_PIXELS
  const truncated = Array.from(
    { length: 9 },
    (_, tenth): BadPicture => [
      `the first ${tenth + 1} tenths of it`,
      'picture_broken',
      file.slice(0, Math.floor((file.length * (tenth + 1)) / 10)),
    ],
  )
  return [
    ['nothing', 'picture_not_webp', new Uint8Array()],
    ['one byte', 'picture_not_webp', utf8('R')],
    ['a magic number alone', 'picture_broken', riff([])],
    ['zeros', 'picture_not_webp', new Uint8Array(1_000)],
    ['PNG', 'picture_not_webp', concat(new Uint8Array([0x89]), utf8('PNG\r\n\x1a\n'), new Uint8Array(99))],
    ['JPEG', 'picture_not_webp', concat(new Uint8Array([0xff, 0xd8, 0xff, 0xe0]), new Uint8Array(99))],
    ['GIF', 'picture_not_webp', concat(utf8('GIF89a'), new Uint8Array(99))],
    ['SVG', 'picture_not_webp', utf8('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>')],
    ['HTML', 'picture_not_webp', HTML],
    ['HTML before it', 'picture_not_webp', concat(HTML, file)],
    ['a sound', 'picture_not_webp', riff([lossy], 'WAVE')],
    ['big-endian RIFX', 'picture_not_webp', patched(file, 3, 0x58)],
    ...truncated,
    ['one byte too few', 'picture_broken', file.slice(0, -1)],
    ['HTML behind it', 'picture_broken', concat(file, HTML)],
    ['one byte too many', 'picture_broken', concat(file, new Uint8Array(1))],
    ['a second file behind it', 'picture_broken', concat(file, file)],
    ['a RIFF size too small', 'picture_broken', patched(file, 4, (file[4] ?? 0) - 2)],
    ['a RIFF size too large', 'picture_broken', patched(file, 4, (file[4] ?? 0) + 2)],
    ['a RIFF size of 4 GiB', 'picture_broken', patched(file, 4, 255, 255, 255, 255)],
    ['a chunk size of 4 GiB', 'picture_broken', patched(file, 16, 255, 255, 255, 255)],
    ['a chunk size of zero', 'picture_broken', patched(file, 16, 0, 0, 0, 0)],
    ['something in the padding', 'picture_broken', patched(padded, padded.length - 1, 1)],
    ['HTML in a chunk of its own', 'picture_broken', riff([lossy, ['HTML', HTML]])],
    ['an unknown chunk in an extended file', 'picture_broken', riff([extended(0), lossy, ['HTML', HTML]])],
    ['an unknown chunk in front', 'picture_broken', riff([['JUNK', HTML], lossy])],
    ['two images', 'picture_broken', riff([lossy, lossy])],
    ['two images, extended', 'picture_broken', riff([extended(0), lossy, lossy])],
    [
      'a thousand chunks',
      'picture_broken',
      riff(Array.from({ length: 1_000 }, (): Part => ['VP8 ', new Uint8Array()])),
    ],
    ['no image', 'picture_broken', riff([extended(0)])],
    ['transparency of nothing', 'picture_broken', riff([extended(FLAG.alpha), alpha])],
    ['transparency unannounced', 'picture_broken', riff([extended(0), alpha, under])],
    ['transparency twice', 'picture_broken', riff([extended(FLAG.alpha), alpha, alpha, under])],
    ['transparency of a lossless image', 'picture_broken', riff([extended(FLAG.alpha), alpha, lossless])],
    ['empty transparency', 'picture_broken', riff([extended(FLAG.alpha), ['ALPH', new Uint8Array()], under])],
    [
      'unknown transparency',
      'picture_broken',
      riff([extended(FLAG.alpha), ['ALPH', patched(alpha[1], 0, 0xc0)], under]),
    ],
    ['two headers', 'picture_broken', riff([extended(0), extended(0), lossy])],
    ['a header too short', 'picture_broken', riff([['VP8X', new Uint8Array(8)], lossy])],
    ['reserved flags', 'picture_broken', riff([extended(FLAG.reserved), lossy])],
    ['reserved bytes', 'picture_broken', riff([['VP8X', patched(extended(0)[1], 2, 1)], lossy])],
    ['animated by flag', 'picture_animated', riff([extended(FLAG.animation), lossy])],
    [
      'animated',
      'picture_animated',
      riff([extended(FLAG.animation), ['ANIM', new Uint8Array(6)], frame, frame]),
    ],
    ['animated in secret', 'picture_animated', riff([extended(0), lossy, frame])],
    ['a GIF’s loop, and one frame', 'picture_animated', riff([['ANIM', new Uint8Array(6)], lossy])],
    ['EXIF', 'picture_has_metadata', riff([extended(FLAG.exif), lossy, meta('EXIF')])],
    ['XMP', 'picture_has_metadata', riff([extended(FLAG.xmp), lossy, meta('XMP ')])],
    ['a colour profile', 'picture_has_metadata', riff([extended(FLAG.icc), meta('ICCP'), lossy])],
    ['EXIF unannounced', 'picture_has_metadata', riff([lossy, meta('EXIF')])],
    ['EXIF announced, but not there', 'picture_has_metadata', riff([extended(FLAG.exif), lossy])],
    ['a bomb', 'picture_wrong_size', riff([resized(lossy[1], 16_383)])],
    ['a lossless bomb', 'picture_wrong_size', riff([resizedLossless(lossless[1], 16_384)])],
    ['a bomb behind a small canvas', 'picture_wrong_size', riff([extended(0), resized(lossy[1], 16_383)])],
    ['a canvas of 281 trillion pixels', 'picture_wrong_size', riff([extended(0, 0x1000000), lossy])],
    ['one pixel', 'picture_wrong_size', await webp({ width: 1, height: 1 })],
    ['one row too few', 'picture_wrong_size', await webp({ height: n - 1 })],
    ['one column too many', 'picture_wrong_size', await webp({ width: n + 1, lossless: true })],
    ['no width', 'picture_wrong_size', riff([resized(lossy[1], 0, n)])],
    ['scaled up by its header', 'picture_broken', riff([resized(lossy[1], n | 0x4000)])],
    [
      'a frame between frames',
      'picture_broken',
      riff([['VP8 ', patched(lossy[1], 0, (lossy[1][0] ?? 0) | 1)]]),
    ],
    ['a hidden frame', 'picture_broken', riff([['VP8 ', patched(lossy[1], 0, (lossy[1][0] ?? 0) & ~0x10)]])],
    ['a first partition beyond its end', 'picture_broken', riff([['VP8 ', patched(lossy[1], 2, 0xff)]])],
    ['no start code', 'picture_broken', riff([['VP8 ', patched(lossy[1], 3, 0)]])],
    ['an image of three bytes', 'picture_broken', riff([['VP8 ', new Uint8Array(3)]])],
    ['a lossless image of three bytes', 'picture_broken', riff([['VP8L', new Uint8Array([0x2f, 0, 0])]])],
    ['no lossless signature', 'picture_broken', riff([['VP8L', patched(lossless[1], 0, 0)]])],
    [
      'a lossless version of tomorrow',
      'picture_broken',
      riff([['VP8L', patched(lossless[1], 4, (lossless[1][4] ?? 0) | 0x20)]]),
    ],
  ]
}

/** What has the right structure and no image in it: only a decoder can tell. */
export async function badByDecoding(): Promise<BadPicture[]> {
  const files = [await webp(), await webp({ lossless: true }), await webp({ paint: pattern(1, 3) })]
  const cut = files.flatMap((file, kind) =>
    Array.from({ length: 6 }, (_, index): BadPicture => {
      const parts = partsOf(file)
      const last = one(parts.slice(-1))
      const whole = last[1]
      const kept = whole.slice(0, Math.floor((whole.length * (index + 3.5)) / 10))
      return [
        `image data ${kind} that ends after ${index + 3.5} tenths`,
        'picture_broken',
        riff([...parts.slice(0, -1), [last[0], kept]]),
      ]
    }),
  )
  const header = one(partsOf(files[1] ?? new Uint8Array()))[1].slice(0, 5)
  const noise = crypto.getRandomValues(new Uint8Array(500))
  return [...cut, ['noise for an image', 'picture_broken', riff([['VP8L', concat(header, noise)]])]]
}
