import { decode, encode } from 'cborg'

/**
 * The one binary encoding of every frame, message and signal: deterministic CBOR (RFC 8949 §4.2). Because a
 * value has exactly one encoding, bytes can be signed, hashed and compared.
 */
export function encodeCanonical(value: unknown): Uint8Array<ArrayBuffer> {
  return new Uint8Array(encode(value))
}

/**
 * The value of canonical bytes, still `unknown`: a schema has to accept it. Throws for anything that is not
 * the canonical encoding of one value: indefinite lengths, padding, unsorted or duplicate keys, tags, NaN.
 */
export function decodeCanonical(bytes: Uint8Array): unknown {
  const value: unknown = decode(bytes, {
    strict: true,
    allowIndefinite: false,
    allowUndefined: false,
    allowInfinity: false,
    allowNaN: false,
    allowBigInt: false,
    rejectDuplicateMapKeys: true,
  })
  // The library lets key order and whole numbers written as floats pass.
  if (!isEqual(encode(value), bytes)) throw new TypeError('not canonical')
  return value
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}
