import { createCipheriv, diffieHellman, hkdfSync } from 'node:crypto'
import { ALICE, BOB, hex, keyPairOf, unhex } from './keys'
import { NONCE, ROOM } from './statements'

/** A hub link that Alice offers and Bob answers, computed here without the code that ships. */
export const OFFERER = keyPairOf('X25519', new Uint8Array(32).fill(0x44))
export const ANSWERER = keyPairOf('X25519', new Uint8Array(32).fill(0x55))
export const SESSION = NONCE.slice(0, 8)

const secret = diffieHellman({ privateKey: OFFERER.privateKey, publicKey: ANSWERER.publicKey })

const infoOf = (sender: 'offerer' | 'answerer') =>
  Buffer.concat([
    Buffer.from(`sidestream hub link v1\0${sender}\0${ALICE.device}\0${BOB.device}\0`),
    OFFERER.raw,
    ANSWERER.raw,
    Buffer.from(ROOM),
  ])

const keyOf = (sender: 'offerer' | 'answerer') =>
  new Uint8Array(hkdfSync('sha256', secret, NONCE, infoOf(sender), 32))

function sealed(key: Uint8Array, counter: number, type: number, body: Uint8Array): Uint8Array {
  const count = Buffer.alloc(8)
  count.writeBigUInt64BE(BigInt(counter))
  const header = Buffer.concat([SESSION, count])
  const cipher = createCipheriv('aes-256-gcm', key, Buffer.concat([Buffer.alloc(4), count]))
  cipher.setAAD(header)
  const text = Buffer.concat([cipher.update(Buffer.concat([Buffer.of(type), body])), cipher.final()])
  return Buffer.concat([header, text, cipher.getAuthTag()])
}

/** The offerer's first word, then a frame: `ping`. */
export const BODIES = [
  { type: 0, body: new Uint8Array() },
  { type: 1, body: unhex('a161746470696e67') },
]

export const HUB = {
  room: ROOM,
  offer: { nonce: hex(NONCE), offerer: ALICE.device, answerer: BOB.device },
  offererKey: { secret: '44'.repeat(32), public: hex(OFFERER.raw) },
  answererKey: { secret: '55'.repeat(32), public: hex(ANSWERER.raw) },
  sharedSecret: hex(secret),
  info: { offerer: infoOf('offerer').toString('hex'), answerer: infoOf('answerer').toString('hex') },
  keys: { offerer: hex(keyOf('offerer')), answerer: hex(keyOf('answerer')) },
  fromOfferer: BODIES.map(({ type, body }, index) => ({
    counter: index + 1,
    type,
    body: hex(body),
    sealed: hex(sealed(keyOf('offerer'), index + 1, type, body)),
  })),
  fromAnswerer: [
    { counter: 1, type: 2, body: '', sealed: hex(sealed(keyOf('answerer'), 1, 2, new Uint8Array())) },
  ],
}
