import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { pictureCodec } from '../../../platform/picture-codec'
import { utf8 } from '../../../protocol/bytes'
import { MAX_PICTURE_BYTES } from '../../../protocol/limits'
import { type Part, riff } from '../../worker/support/riff'

/** What the browser makes of the next file: its size as the header tells, or nothing. */
let header: { width: number; height: number } | 'broken' | 'pending'
let decodes: { source: unknown; options: ImageBitmapOptions }[]
let closed: number
/** Bytes of the WebP at a quality, and what it calls itself. */
let encoded: (quality: number) => { length: number; type?: string }
let qualities: number[]
let sides: number[]
let urls: number

class FakeImage {
  onload = () => {}
  onerror = () => {}
  naturalWidth = 0
  naturalHeight = 0
  set src(_: string) {
    if (header === 'pending') return
    if (header === 'broken') {
      queueMicrotask(() => this.onerror())
      return
    }
    this.naturalWidth = header.width
    this.naturalHeight = header.height
    queueMicrotask(() => this.onload())
  }
}

class FakeCanvas {
  readonly width: number
  readonly height: number
  constructor(width: number, height: number) {
    this.width = width
    this.height = height
    sides.push(width)
  }
  getContext() {
    return { drawImage: () => {} }
  }
  transferToImageBitmap() {
    return bitmap(this.width, this.height)
  }
  async convertToBlob({ quality, type }: { quality: number; type: string }) {
    qualities.push(quality)
    const made = encoded(quality)
    const noise: Part = ['VP8 ', new Uint8Array(made.length - 20)]
    return new Blob([riff([noise])], { type: made.type ?? type })
  }
}

const bitmap = (width: number, height: number) => ({ width, height, close: () => void closed++ })
const signal = () => new AbortController().signal
const file = (size = 10, type = 'image/png') => new Blob([new Uint8Array(size)], { type })
const whole = (picture: { width: number; height: number }) => ({
  x: 0,
  y: 0,
  size: Math.min(picture.width, picture.height),
})

beforeEach(() => {
  header = { width: 300, height: 200 }
  decodes = []
  closed = 0
  qualities = []
  sides = []
  urls = 0
  encoded = () => ({ length: 1_000 })
  vi.stubGlobal('Image', FakeImage)
  vi.stubGlobal('OffscreenCanvas', FakeCanvas)
  vi.stubGlobal('createImageBitmap', async (source: unknown, options: ImageBitmapOptions) => {
    decodes.push({ source, options })
    return bitmap(options.resizeWidth ?? 0, options.resizeHeight ?? 0)
  })
  vi.stubGlobal('URL', { createObjectURL: () => `blob:${urls++}`, revokeObjectURL: () => urls-- })
})
afterEach(() => vi.unstubAllGlobals())

describe('opening a file', () => {
  it('gives it upright and whole', async () => {
    expect(await pictureCodec.open(file(), signal())).toMatchObject({ width: 300, height: 200 })
    expect(decodes[0]?.options).toMatchObject({ imageOrientation: 'from-image' })
    expect(urls).toBe(0)
  })

  it('makes large ones smaller while they are decoded', async () => {
    header = { width: 8_000, height: 2_000 }
    expect(await pictureCodec.open(file(), signal())).toMatchObject({ width: 2_048, height: 512 })
    header = { width: 20_000, height: 1 }
    expect(await pictureCodec.open(file(), signal())).toMatchObject({ width: 2_048, height: 1 })
  })

  it('reads nothing of a file that is too large', async () => {
    await expect(pictureCodec.open(file(20_000_001), signal())).rejects.toMatchObject({
      code: 'picture_file_too_large',
    })
    expect(urls).toBe(0)
    expect(await pictureCodec.open(file(20_000_000), signal())).toBeDefined()
  })

  it('decodes nothing that has too many pixels', async () => {
    header = { width: 8_000, height: 8_001 }
    await expect(pictureCodec.open(file(), signal())).rejects.toMatchObject({
      code: 'picture_too_many_pixels',
    })
    expect([decodes.length, urls]).toEqual([0, 0])
    header = { width: 8_000, height: 8_000 }
    expect(await pictureCodec.open(file(), signal())).toBeDefined()
  })

  it('draws vectors at a size of ours, whatever theirs is', async () => {
    for (const size of [
      { width: 0, height: 0 },
      { width: 10, height: 10 },
      { width: 90_000, height: 90_000 },
    ]) {
      header = size
      const picture = await pictureCodec.open(file(10, 'image/svg+xml'), signal())
      expect(picture).toMatchObject({ width: 1_024, height: 1_024 })
    }
    expect(decodes).toEqual([])
  })

  it('says what cannot be read, by its header or as a whole', async () => {
    header = 'broken'
    const unreadable = { code: 'picture_file_unreadable' }
    await expect(pictureCodec.open(file(), signal())).rejects.toMatchObject(unreadable)
    header = { width: 1, height: 1 }
    vi.stubGlobal('createImageBitmap', () => Promise.reject(new DOMException('no', 'InvalidStateError')))
    await expect(pictureCodec.open(file(), signal())).rejects.toMatchObject(unreadable)
    expect(urls).toBe(0)
  })

  it('can be given up at any time, and leaves nothing behind', async () => {
    header = 'pending'
    const reading = new AbortController()
    const opening = pictureCodec.open(file(), reading.signal)
    reading.abort(new Error('enough'))
    await expect(opening).rejects.toThrow('enough')
    await expect(pictureCodec.open(file(), reading.signal)).rejects.toThrow('enough')

    header = { width: 1, height: 1 }
    const decoding = new AbortController()
    vi.stubGlobal('createImageBitmap', async () => {
      decoding.abort(new Error('enough'))
      return bitmap(1, 1)
    })
    await expect(pictureCodec.open(file(), decoding.signal)).rejects.toThrow('enough')
    expect([closed, urls]).toEqual([1, 0])
  })
})

describe('writing a picture', () => {
  const open = async () => {
    header = { width: 2_048, height: 2_048 }
    return pictureCodec.open(file(), signal())
  }

  it('takes the best quality that fits', async () => {
    const picture = await open()
    encoded = (quality) => ({ length: quality > 0.5 ? MAX_PICTURE_BYTES + 2 : MAX_PICTURE_BYTES })
    const webp = await pictureCodec.encode(picture, whole(picture), signal())
    expect(webp).toHaveLength(MAX_PICTURE_BYTES)
    expect(qualities.at(-1)).toBe(0.45)
    expect(qualities).toEqual(qualities.toSorted((a, b) => b - a))
    expect(Math.max(...qualities)).toBeLessThan(1)
  })

  it('halves step by step', async () => {
    const picture = await open()
    await pictureCodec.encode(picture, whole(picture), signal())
    expect(sides).toEqual([2_048, 1_024, 512, 256])
    sides = []
    await pictureCodec.encode(picture, { x: 0, y: 0, size: 700 }, signal())
    expect(sides).toEqual([512, 256])
    sides = []
    await pictureCodec.encode(picture, { x: 0, y: 0, size: 3 }, signal())
    expect(sides).toEqual([256])
  })

  it('gives up what never fits, and where no WebP comes', async () => {
    const picture = await open()
    encoded = () => ({ length: MAX_PICTURE_BYTES + 2 })
    const encode = (at = signal()) => pictureCodec.encode(picture, whole(picture), at)
    await expect(encode()).rejects.toMatchObject({ code: 'picture_too_detailed' })
    encoded = () => ({ length: 100, type: 'image/png' })
    await expect(encode()).rejects.toMatchObject({ code: 'picture_no_encoder' })
    qualities = []
    encoded = () => ({ length: 100 })
    await expect(encode(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
    expect(qualities).toHaveLength(1)
  })

  it('keeps nothing that the browser wrote beside the image', async () => {
    const picture = await open()
    const image: Part = ['VP8 ', new Uint8Array(30)]
    const made = riff([['VP8X', new Uint8Array(10)], ['ICCP', utf8('a profile')], image])
    vi.spyOn(FakeCanvas.prototype, 'convertToBlob').mockResolvedValue(
      new Blob([made], { type: 'image/webp' }),
    )
    expect(await pictureCodec.encode(picture, whole(picture), signal())).toEqual(riff([image]))
  })
})
