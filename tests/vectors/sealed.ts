import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core'
import { sealedEnvelope } from '../../protocol/signal'
import { ALICE, BOB, hex, keyPairOf } from './keys'
import { ENVELOPES, ROOM } from './statements'

/** To whom it is sealed. */
const secret = new Uint8Array(32).fill(0x55)
export const BOBS_SEAL = keyPairOf('X25519', secret)

/** HPKE as the standard says, with a sender's key that is the same each time. */
const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
})
const info = new TextEncoder().encode(`sidestream sealed signal v1\0${ALICE.device}\0${BOB.device}\0${ROOM}`)

async function sealed(index: number) {
  const recipientPublicKey = await suite.kem.deserializePublicKey(BOBS_SEAL.raw)
  const ekm = new Uint8Array(32).fill(index + 1).buffer
  const sender = await suite.createSenderContext({ recipientPublicKey, info, ekm })
  const box = new Uint8Array(await sender.seal(ENVELOPES[index] ?? new Uint8Array()))
  const enc = new Uint8Array(sender.enc)
  return { envelope: index, enc: hex(enc), box: hex(box), bytes: hex(sealedEnvelope({ enc, box })) }
}

/** Signals from Alice to Bob, sealed. `envelope`: which of the signed ones is inside. */
export const SEALED = {
  secret: hex(secret),
  publicKey: hex(BOBS_SEAL.raw),
  info: hex(info),
  signals: [await sealed(0), await sealed(3)],
}
