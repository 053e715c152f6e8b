import { concat, utf8 } from '../../protocol/bytes'
import type { DeviceId } from '../../protocol/device'
import type { RoomId } from '../../protocol/room-id'

export type Bytes = Uint8Array<ArrayBuffer>

/** What both ends of a hub link have seen signed; their keys depend on every bit of it. */
export interface Transcript {
  readonly room: RoomId
  readonly nonce: Bytes
  readonly offerer: DeviceId
  readonly answerer: DeviceId
  readonly offererKey: Bytes
  readonly answererKey: Bytes
}

/** One AES-256-GCM key for each direction, as one end uses them. Neither can be exported. */
export interface HubKeys {
  readonly seal: CryptoKey
  readonly open: CryptoKey
}

/** An X25519 key of one link (RFC 7748): it is gone with the link, and what was sent can be read no more. */
export class EphemeralKey {
  readonly publicKey: Bytes
  readonly #privateKey: CryptoKey

  private constructor(publicKey: Bytes, privateKey: CryptoKey) {
    this.publicKey = publicKey
    this.#privateKey = privateKey
  }

  static async create(): Promise<EphemeralKey> {
    const pair = await crypto.subtle.generateKey('X25519', false, ['deriveBits'])
    if (!('privateKey' in pair)) throw new TypeError('expected a key pair')
    const raw = await crypto.subtle.exportKey('raw', pair.publicKey)
    return new EphemeralKey(new Uint8Array(raw), pair.privateKey)
  }

  /**
   * The keys that this end (`isOfferer` or not) shares with whoever holds the other key of the transcript: HKDF-SHA-256
   * (RFC 5869) over the shared secret. Throws for a key that leaves no secret (RFC 7748 §6.1).
   */
  async agree(transcript: Transcript, isOfferer: boolean): Promise<HubKeys> {
    const theirs = isOfferer ? transcript.answererKey : transcript.offererKey
    const theirKey = await crypto.subtle.importKey('raw', theirs, 'X25519', true, [])
    const secret = new Uint8Array(
      await crypto.subtle.deriveBits({ name: 'X25519', public: theirKey }, this.#privateKey, 256),
    )
    if (secret.every((byte) => byte === 0)) throw new RangeError('no secret')
    const material = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey'])
    secret.fill(0)
    const key = (direction: 'offerer' | 'answerer', usage: 'encrypt' | 'decrypt') =>
      crypto.subtle.deriveKey(
        { name: 'HKDF', hash: 'SHA-256', salt: transcript.nonce, info: context(transcript, direction) },
        material,
        { name: 'AES-GCM', length: 256 },
        false,
        [usage],
      )
    const [us, them] = isOfferer ? (['offerer', 'answerer'] as const) : (['answerer', 'offerer'] as const)
    const [seal, open] = await Promise.all([key(us, 'encrypt'), key(them, 'decrypt')])
    return { seal, open }
  }
}

/** Ids and keys have one length each, so no two transcripts read alike. */
function context(transcript: Transcript, sender: 'offerer' | 'answerer'): Bytes {
  const { room, offerer, answerer, offererKey, answererKey } = transcript
  return concat(
    utf8(`sidestream hub link v1\0${sender}\0${offerer}\0${answerer}\0`),
    offererKey,
    answererKey,
    utf8(room),
  )
}
