/** libwebp's encoder as `@jsquash/webp` compiles it, as far as the tests use it. */
declare module '@jsquash/webp/codec/enc/webp_enc.js' {
  interface Encoder {
    encode(
      rgba: Uint8Array,
      width: number,
      height: number,
      options: import('@jsquash/webp/meta').EncodeOptions,
    ): Uint8Array | null
  }
  export default function createEncoder(options: {
    noInitialRun: boolean
    instantiateWasm(
      imports: WebAssembly.Imports,
      done: (instance: WebAssembly.Instance) => void,
    ): WebAssembly.Exports
  }): Promise<Encoder>
}

declare module '@jsquash/webp/codec/enc/webp_enc.wasm' {
  const encoder: WebAssembly.Module
  export default encoder
}
