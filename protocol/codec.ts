import { decode, encode, Tokenizer, Type } from 'cborg'

/**
 * The one binary encoding of every frame, message and signal: deterministic CBOR (RFC 8949 §4.2). Because a
 * value has exactly one encoding, bytes can be signed, hashed and compared.
 */
export function encodeCanonical(value: unknown): Uint8Array<ArrayBuffer> {
  return new Uint8Array(encode(value))
}

/** Arrays and maps within each other; ours go three deep. Deeper ones would take stack, and time that grows with the square. */
export const MAX_DEPTH = 8

const STRICTLY = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowInfinity: false,
  allowNaN: false,
  allowBigInt: false,
  rejectDuplicateMapKeys: true,
} as const

/**
 * The value of canonical bytes, still `unknown`: a schema has to accept it. Throws for anything that is not
 * the canonical encoding of one value: indefinite lengths, padding, unsorted or duplicate keys, tags, NaN; and for what
 * is nested deeper than `MAX_DEPTH`.
 */
export function decodeCanonical(bytes: Uint8Array): unknown {
  const value: unknown = decode(bytes, { ...STRICTLY, tokenizer: new BoundedTokenizer(bytes, STRICTLY) })
  // The library lets key order and whole numbers written as floats pass.
  if (!isEqual(encode(value), bytes)) throw new TypeError('not canonical')
  return value
}

const textWithMark = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Does two things that the library's own does not: it bounds the depth, and keeps a U+FEFF in front of a text. */
class BoundedTokenizer extends Tokenizer {
  /** How many items each open array or map still lacks, the innermost last. */
  readonly #open: number[] = []

  override next(): ReturnType<Tokenizer['next']> {
    const at = this.pos()
    const token = super.next()
    this.#count(token.type, token.value)
    if (Type.equals(token.type, Type.string)) {
      const text = this.data.subarray(at + headLength(this.data[at] ?? 0), this.pos())
      if (startsWithMark(text)) token.value = textWithMark.decode(text)
    }
    return token
  }

  #count(type: Type, size: unknown): void {
    const innermost = this.#open.length - 1
    if (innermost >= 0) this.#open[innermost] = (this.#open[innermost] ?? 0) - 1
    const items = typeof size === 'number' ? size : 0
    if (Type.equals(type, Type.array)) this.#open.push(items)
    if (Type.equals(type, Type.map)) this.#open.push(2 * items)
    if (this.#open.length > MAX_DEPTH) throw new RangeError('nested too deep')
    while (this.#open.at(-1) === 0) this.#open.pop()
  }
}

/** Bytes before the content of a string (RFC 8949 §3). */
const headLength = (head: number) => ((head & 31) < 24 ? 1 : 1 + 2 ** ((head & 31) - 24))

const startsWithMark = ([first, second, third]: Uint8Array) =>
  first === 0xef && second === 0xbb && third === 0xbf

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}
