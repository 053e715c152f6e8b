import { concat } from '../../protocol/bytes'
import type { Bytes, HubKeys } from './hub-keys'

export const SESSION_BYTES = 8
const HEADER_BYTES = SESSION_BYTES + 8
const TAG_BYTES = 16
/** What sealing adds to a body. */
export const SEALING_BYTES = HEADER_BYTES + TAG_BYTES + 1

/** What is inside: the offerer's first word, a frame of the link, or its last word. */
export const Inner = { open: 0, frame: 1, close: 2 } as const
export type InnerType = (typeof Inner)[keyof typeof Inner]

export type HubFault =
  /** Not sealed by the peer of this session: somebody on the way changed or made it. */
  | 'hub-forged'
  /** Came before, or out of its turn. */
  | 'hub-replayed'
  /** Something before it is missing, and with it the link's promise. */
  | 'hub-lost'

export type Opened = { type: InnerType; body: Uint8Array } | { fault: HubFault }

/**
 * One direction-keyed pair of counters and keys: session (8 bytes) ‖ counter (8) ‖ AES-256-GCM(type ‖ body). The header is
 * authenticated with it, and the counter is the nonce: it rises with each frame and each direction has a key of its own,
 * so no nonce is used twice under a key.
 */
export class HubSession {
  readonly id: Bytes
  readonly #keys: HubKeys
  #sealed = 0
  #opened = 0

  /** `nonce`: that of the offer. */
  constructor(nonce: Bytes, keys: HubKeys) {
    this.id = nonce.slice(0, SESSION_BYTES)
    this.#keys = keys
  }

  /** Seals `body`, which may be changed afterwards. Results are to be sent in the order of the calls. */
  async seal(type: InnerType, body: Uint8Array): Promise<Bytes> {
    const header = concat(this.id, counterBytes(++this.#sealed))
    const plain = concat(Uint8Array.of(type), body)
    const sealed = await crypto.subtle.encrypt(gcm(header), this.#keys.seal, plain)
    return concat(header, new Uint8Array(sealed))
  }

  /**
   * Opens what came for this session. One at a time: the next call only after this one has settled. A counter is believed
   * once the frame under it is; after a fault everything is as before, and the next frame in turn still opens.
   */
  async open(data: Uint8Array): Promise<Opened> {
    const header = data.slice(0, HEADER_BYTES)
    if (!isLongEnough(data) || this.id.some((byte, at) => header[at] !== byte)) return { fault: 'hub-forged' }
    const counter = new DataView(header.buffer).getBigUint64(SESSION_BYTES)
    if (counter <= BigInt(this.#opened)) return { fault: 'hub-replayed' }
    let plain: Uint8Array
    try {
      plain = new Uint8Array(
        await crypto.subtle.decrypt(gcm(header), this.#keys.open, data.slice(HEADER_BYTES)),
      )
    } catch {
      return { fault: 'hub-forged' }
    }
    if (counter !== BigInt(this.#opened + 1)) return { fault: 'hub-lost' }
    this.#opened++
    const type = plain[0]
    // Sealed by the peer itself, and still nothing that this version knows.
    if (type !== Inner.open && type !== Inner.frame && type !== Inner.close) return { fault: 'hub-lost' }
    return { type, body: plain.subarray(1) }
  }
}

/** The session that data claims to be of; `undefined` when it is too short to be of any. */
export function sessionOf(data: Uint8Array): string | undefined {
  return isLongEnough(data) ? data.subarray(0, SESSION_BYTES).join() : undefined
}

const isLongEnough = (data: Uint8Array) => data.length > HEADER_BYTES + TAG_BYTES

function counterBytes(counter: number): Bytes {
  if (!Number.isSafeInteger(counter)) throw new RangeError('counter exhausted')
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(counter))
  return bytes
}

const gcm = (header: Bytes) => ({
  name: 'AES-GCM',
  iv: concat(new Uint8Array(4), header.subarray(SESSION_BYTES)),
  additionalData: header,
})
