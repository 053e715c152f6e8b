import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { ASSERTION_TYPE, DPOP_TYPE } from '../../../protocol/api'
import { toBase64Url, utf8 } from '../../../protocol/bytes'
import { type DeviceId, deviceIdSchema } from '../../../protocol/device'
import { randomId } from '../../../worker/random'
import { freshNonce, ORIGIN } from './worker'

/** Claims and header fields to differ from what a good client sends. `undefined` leaves one out. */
export interface Tampering {
  claims?: JWTPayload
  header?: Record<string, unknown>
  key?: CryptoKey
}

export interface TestDevice {
  id: DeviceId
  seal: string
  key: CryptoKey
}

export async function newDevice(): Promise<TestDevice> {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { extractable: true })
  const { x } = await exportJWK(publicKey)
  return { id: deviceIdSchema.parse(x), seal: randomId(32), key: privateKey }
}

const seconds = () => Math.floor(Date.now() / 1000)

export async function assertion(
  device: TestDevice,
  subject: string,
  { claims, header, key }: Tampering = {},
) {
  const now = seconds()
  return new SignJWT({
    iss: device.id,
    sub: subject,
    aud: ORIGIN,
    iat: now,
    exp: now + 60,
    jti: randomId(16),
    nonce: await freshNonce(),
    ...claims,
  })
    .setProtectedHeader({ alg: 'EdDSA', typ: ASSERTION_TYPE, ...header })
    .sign(key ?? device.key)
}

export interface Proven {
  method: string
  path: string
  accessToken: string
}

export async function proof(
  device: TestDevice,
  { method, path, accessToken }: Proven,
  { claims, header, key }: Tampering = {},
) {
  const digest = await crypto.subtle.digest('SHA-256', utf8(accessToken))
  return new SignJWT({
    jti: randomId(16),
    htm: method,
    htu: ORIGIN + path,
    iat: seconds(),
    ath: toBase64Url(new Uint8Array(digest)),
    nonce: await freshNonce(),
    ...claims,
  })
    .setProtectedHeader({
      alg: 'EdDSA',
      typ: DPOP_TYPE,
      jwk: { kty: 'OKP', crv: 'Ed25519', x: device.id },
      ...header,
    })
    .sign(key ?? device.key)
}
