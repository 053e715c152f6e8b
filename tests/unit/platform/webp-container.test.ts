import { describe, expect, it } from 'vitest'
import { imageOnly } from '../../../platform/webp-container'
import { utf8 } from '../../../protocol/bytes'
import { checkStructure } from '../../../worker/pictures/webp'
import { extended, type Part, riff } from '../../worker/support/riff'

/** A key frame's header, 256 pixels squared, and something behind it. */
const lossy: Part = ['VP8 ', new Uint8Array([0x10, 0, 0, 0x9d, 1, 0x2a, 0, 1, 0, 1, 7, 7, 7])]
const lossless: Part = ['VP8L', new Uint8Array([0x2f, 0xff, 0xc0, 0x3f, 0, 1, 2])]
const alpha: Part = ['ALPH', new Uint8Array([0, 1, 2])]
const profile: Part = ['ICCP', utf8('sRGB, and nothing else')]
const exif: Part = ['EXIF', utf8('where I live')]

describe('a WebP as the browser wrote it', () => {
  it.each([
    ['lossy', riff([lossy]), riff([lossy])],
    ['lossless', riff([lossless]), riff([lossless])],
    ['with a profile', riff([extended(0x20), profile, lossy]), riff([lossy])],
    [
      'with everything',
      riff([extended(0x3c), profile, alpha, lossy, exif]),
      riff([extended(0x10), alpha, lossy]),
    ],
    ['transparent', riff([extended(0x10), alpha, lossy]), riff([extended(0x10), alpha, lossy])],
    ['transparent and lossless', riff([extended(0x30), profile, lossless]), riff([lossless])],
  ])('%s, is its image alone, which the Worker takes', (_, file, image) => {
    expect(imageOnly(file)).toEqual(image)
    expect(() => checkStructure(imageOnly(file))).not.toThrow()
  })

  it('without an image is none', () => {
    expect(() => imageOnly(riff([extended(0)]))).toThrow(TypeError)
  })
})
