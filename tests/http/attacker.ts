import { type JWTPayload, SignJWT } from 'jose'
import { ASSERTION_TYPE, accountSchema, DPOP_TYPE, tokenResponseSchema } from '../../protocol/api'
import { toBase64Url, utf8 } from '../../protocol/bytes'
import type { DeviceKeys } from '../../services/identity/device-keys'
import { newKeys } from './device-keys'
import { type RawAnswer, raw } from './raw'

/** What differs from what a good client sends. */
export interface Tampering {
  claims?: JWTPayload
  header?: Record<string, unknown>
  key?: CryptoKey
}

export interface Session {
  account: string
  accessToken: string
}

const seconds = () => Math.floor(Date.now() / 1000)
const randomJti = () => toBase64Url(crypto.getRandomValues(new Uint8Array(16)))

/** A client of the Worker's routes that says anything. */
export class Attacker {
  readonly #origin: string
  readonly keys: DeviceKeys

  private constructor(origin: string, keys: DeviceKeys) {
    this.#origin = origin
    this.keys = keys
  }

  static async at(origin: string): Promise<Attacker> {
    return new Attacker(origin, await newKeys())
  }

  post(path: string, body: unknown): Promise<RawAnswer> {
    const headers = { 'Content-Type': 'application/json' }
    return raw(this.#origin, { method: 'POST', path, headers, body: JSON.stringify(body) })
  }

  askCode(email: string): Promise<RawAnswer> {
    return this.post('/auth/code', { email, device: this.keys.device })
  }

  async guess(email: string, code: string, nonce?: string): Promise<RawAnswer> {
    const { device, seal } = this.keys
    return this.post('/auth/verify', {
      email,
      code,
      device,
      seal,
      assertion: await this.#assertion(device, nonce),
    })
  }

  async signIn(email: string, code: string): Promise<Session> {
    const { accountId } = accountSchema.parse(JSON.parse((await this.guess(email, code)).body.toString()))
    const answer = await this.post('/auth/token', { assertion: await this.#assertion(accountId) })
    const { accessToken } = tokenResponseSchema.parse(JSON.parse(answer.body.toString()))
    return { account: accountId, accessToken }
  }

  async nonce(): Promise<string> {
    const nonce = (await raw(this.#origin, { path: '/health' })).headers['dpop-nonce']
    return typeof nonce === 'string' ? nonce : ''
  }

  async proof(
    { method, path, accessToken }: { method: string; path: string; accessToken: string },
    { claims, header, key }: Tampering = {},
  ): Promise<string> {
    const digest = await crypto.subtle.digest('SHA-256', utf8(accessToken))
    return new SignJWT({
      jti: randomJti(),
      htm: method,
      htu: this.#origin + path,
      iat: seconds(),
      ath: toBase64Url(new Uint8Array(digest)),
      nonce: await this.nonce(),
      ...claims,
    })
      .setProtectedHeader({
        alg: 'EdDSA',
        typ: DPOP_TYPE,
        jwk: { kty: 'OKP', crv: 'Ed25519', x: this.keys.device },
        ...header,
      })
      .sign(key ?? this.keys.signingKey)
  }

  async #assertion(subject: string, nonce?: string): Promise<string> {
    const { device, signingKey } = this.keys
    const now = seconds()
    const claims = { iss: device, sub: subject, aud: this.#origin, iat: now, exp: now + 60, jti: randomJti() }
    return new SignJWT({ ...claims, nonce: nonce ?? (await this.nonce()) })
      .setProtectedHeader({ alg: 'EdDSA', typ: ASSERTION_TYPE })
      .sign(signingKey)
  }
}
