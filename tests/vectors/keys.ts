import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import type { JSONWebKeySet } from 'jose'
import { fromBase64Url } from '../../protocol/bytes'
import { deviceIdOf } from '../../protocol/device'
import type { Signer } from '../../protocol/signed'

/** PKCS #8 before a raw 32-byte key (RFC 8410 §7). */
const PKCS8 = {
  Ed25519: '302e020100300506032b657004220420',
  X25519: '302e020100300506032b656e04220420',
} as const

/** The key pair of a fixed secret: vectors have to be the same each time. */
export function keyPairOf(curve: keyof typeof PKCS8, secret: Uint8Array) {
  const der = Buffer.concat([Buffer.from(PKCS8[curve], 'hex'), secret])
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const publicKey = createPublicKey(privateKey)
  return { privateKey, publicKey, raw: rawOf(publicKey) }
}

function rawOf(key: KeyObject): Uint8Array<ArrayBuffer> {
  const { x } = key.export({ format: 'jwk' })
  if (x === undefined) throw new TypeError('not a key of a curve')
  return fromBase64Url(x)
}

/** A device whose secret is 32 times the same byte. */
export async function deviceOf(byte: number) {
  const secret = new Uint8Array(32).fill(byte)
  const pair = keyPairOf('Ed25519', secret)
  const jwk = pair.privateKey.export({ format: 'jwk' })
  const key = await crypto.subtle.importKey('jwk', jwk, 'Ed25519', false, ['sign'])
  const device = deviceIdOf(pair.raw)
  const signer: Signer = {
    device,
    sign: async (data) => new Uint8Array(await crypto.subtle.sign('Ed25519', key, data)),
  }
  return { device, signer, key, secret, publicKey: pair.raw }
}
export type Device = Awaited<ReturnType<typeof deviceOf>>

export const ALICE = await deviceOf(0x11)
export const BOB = await deviceOf(0x22)
/** Who issues passports. */
export const ISSUER = await deviceOf(0x33)
export const KID = 'vectors-1'

export const JWKS: JSONWebKeySet = {
  keys: [{ kty: 'OKP', crv: 'Ed25519', x: ISSUER.device, kid: KID, alg: 'EdDSA', use: 'sig' }],
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
export const unhex = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, 'hex'))
