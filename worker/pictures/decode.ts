/// <reference path="./libwebp.d.ts" />
import createDecoder from '@jsquash/webp/codec/dec/webp_dec.js'
import libwebp from '@jsquash/webp/codec/dec/webp_dec.wasm'

type Decoder = Awaited<ReturnType<typeof createDecoder>>

let decoder: Promise<Decoder> | undefined

/**
 * Decodes a WebP by libwebp, in about 10 ms. Rejects if it cannot. What it needs of memory follows from the size in the
 * header, which the caller has checked. After a failure libwebp starts afresh, so that one picture does nothing to the next.
 */
export async function decodeWebp(bytes: Uint8Array<ArrayBuffer>): Promise<{ width: number; height: number }> {
  decoder ??= start()
  try {
    const { decode } = await decoder
    const decoded = decode(bytes.slice().buffer)
    if (!decoded) throw new TypeError('libwebp cannot decode this')
    return decoded
  } catch (error) {
    decoder = undefined
    throw error
  }
}

const start = () =>
  createDecoder({
    noInitialRun: true,
    instantiateWasm(imports, done) {
      const instance = new WebAssembly.Instance(libwebp, imports)
      done(instance)
      return instance.exports
    },
    // What it thinks of a picture is nobody's log.
    print: () => undefined,
    printErr: () => undefined,
  })
