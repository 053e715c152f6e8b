import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core'
import { utf8 } from './bytes'
import type { DeviceId } from './device'
import type { RoomId } from './room-id'
import type { SealedSignal } from './signal'

type Bytes = Uint8Array<ArrayBuffer>

/** HPKE (RFC 9180), base mode: who sealed something is told by the signature inside. */
const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
})

/** Whose signal it is and for whom, as whoever passes it on names them. */
export interface Route {
  readonly room: RoomId
  readonly from: DeviceId
  readonly to: DeviceId
}

/** Opens what was sealed to this browser's device. The key itself never shows. */
export interface Opener {
  /** X25519 public key, raw: what is to be opened here is sealed to it. */
  readonly key: Bytes
  /** What is inside. Throws for what was sealed to another key, for another route, or changed on the way. */
  open(sealed: SealedSignal, route: Route): Promise<Bytes>
  /** The same for anything else; `info` is what it was sealed for. */
  openBytes(sealed: SealedSignal, info: Bytes): Promise<Bytes>
}

/** Ids have one length each, so no two routes read alike. */
const infoOf = ({ room, from, to }: Route) => utf8(`sidestream sealed signal v1\0${from}\0${to}\0${room}`)

/**
 * Seals a signed signal so that nobody but the holder of `key`, an X25519 public key of 32 bytes, reads it. Throws for a key
 * that leaves no secret (RFC 7748 §6.1).
 */
export function sealFor(key: Uint8Array, route: Route, signed: Uint8Array): Promise<SealedSignal> {
  return sealBytes(key, infoOf(route), signed)
}

/** The same for anything else: `info` says what for, and is given again to open it. */
export async function sealBytes(key: Uint8Array, info: Bytes, bytes: Uint8Array): Promise<SealedSignal> {
  const recipientPublicKey = await suite.kem.deserializePublicKey(key)
  const { enc, ct } = await suite.seal({ recipientPublicKey, info }, new Uint8Array(bytes))
  return { enc: new Uint8Array(enc), box: new Uint8Array(ct) }
}

/** `pair`: X25519, its private half may be non-extractable. `key`: its public half, raw. */
export function openerOf(pair: CryptoKeyPair, key: Bytes): Opener {
  const openBytes = async ({ enc, box }: SealedSignal, info: Bytes) =>
    new Uint8Array(await suite.open({ recipientKey: pair, enc, info }, box))
  return { key, openBytes, open: (sealed, route) => openBytes(sealed, infoOf(route)) }
}
