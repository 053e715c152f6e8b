/** libwebp's decoder as `@jsquash/webp` compiles it, as far as it is used. Its own types want a browser's. */
declare module '@jsquash/webp/codec/dec/webp_dec.js' {
  interface Decoded {
    readonly width: number
    readonly height: number
    /** RGBA. */
    readonly data: Uint8ClampedArray
  }
  interface Decoder {
    /** `null` for what it cannot decode. */
    decode(webp: ArrayBuffer): Decoded | null
  }
  export default function createDecoder(options: {
    noInitialRun: boolean
    /** The library gives imports of its own, and goes on once it has the instance. */
    instantiateWasm(
      imports: WebAssembly.Imports,
      done: (instance: WebAssembly.Instance) => void,
    ): WebAssembly.Exports
    print(line: string): void
    printErr(line: string): void
  }): Promise<Decoder>
}

declare module '@jsquash/webp/codec/dec/webp_dec.wasm' {
  const decoder: WebAssembly.Module
  export default decoder
}
