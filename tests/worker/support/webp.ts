/// <reference path="./libwebp-encoder.d.ts" />

import createEncoder from '@jsquash/webp/codec/enc/webp_enc.js'
import libwebp from '@jsquash/webp/codec/enc/webp_enc.wasm'
import { defaultOptions } from '@jsquash/webp/meta'
import { PICTURE_PIXELS } from '../../../protocol/limits'

type Bytes = Uint8Array<ArrayBuffer>

/** What an image is made of: the bytes of each pixel, RGBA. */
type Paint = (x: number, y: number) => [red: number, green: number, blue: number, alpha: number]

let encoder: ReturnType<typeof createEncoder> | undefined

interface Looks {
  paint?: Paint
  width?: number
  height?: number
  lossless?: boolean
  quality?: number
}

/** Anything but a plain surface, and different for every seed. */
export const pattern =
  (seed: number, alpha = 255): Paint =>
  (x, y) => [
    (x * 7 + seed * 13) % 256,
    (y * 5 + seed) % 256,
    (x ^ y) & 255,
    alpha === 255 ? 255 : (x + alpha) % 256,
  ]

/** A real WebP by libwebp. */
export async function webp({
  paint = pattern(1),
  width = PICTURE_PIXELS,
  height = PICTURE_PIXELS,
  lossless = false,
  quality = 60,
}: Looks = {}): Promise<Bytes> {
  encoder ??= createEncoder({
    noInitialRun: true,
    instantiateWasm(imports, done) {
      const instance = new WebAssembly.Instance(libwebp, imports)
      done(instance)
      return instance.exports
    },
  })
  const pixels = new Uint8Array(width * height * 4)
  for (let at = 0; at < width * height; at++) pixels.set(paint(at % width, Math.floor(at / width)), at * 4)
  const { encode } = await encoder
  const encoded = encode(pixels, width, height, { ...defaultOptions, quality, lossless: lossless ? 1 : 0 })
  if (!encoded) throw new Error('libwebp cannot encode this')
  return new Uint8Array(encoded)
}
