import { exportJWK, generateKeyPair, type JSONWebKeySet, SignJWT } from 'jose'
import { toBase64Url } from '../../../protocol/bytes'
import { type AccountId, accountIdSchema, type DeviceId, deviceIdOf } from '../../../protocol/device'
import { PASSPORT_TYPE } from '../../../protocol/passport'
import type { Signer } from '../../../protocol/signed'
import { signerOf } from '../../../services/identity/device-keys'

/** Someone with a device key and an account. */
export interface Person {
  name: string
  accountId: AccountId
  signer: Signer
  device: DeviceId
}

/** Issues passports as the Worker does, with a key of its own. */
export class Registrar {
  readonly #key: CryptoKey
  readonly jwks: JSONWebKeySet

  private constructor(key: CryptoKey, jwks: JSONWebKeySet) {
    this.#key = key
    this.jwks = jwks
  }

  static async open(kid = 'test-key'): Promise<Registrar> {
    const { publicKey, privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' })
    const jwk = { ...(await exportJWK(publicKey)), kid, alg: 'EdDSA', use: 'sig' }
    return new Registrar(privateKey, { keys: [jwk] })
  }

  async person(name: string): Promise<Person> {
    const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true })
    const raw = new Uint8Array(await crypto.subtle.exportKey('raw', publicKey))
    const device = deviceIdOf(raw)
    const accountId = accountIdSchema.parse(toBase64Url(crypto.getRandomValues(new Uint8Array(16))))
    return { name, accountId, device, signer: signerOf({ device, signingKey: privateKey, seal: '' }) }
  }

  /** A passport; `now` in ms. */
  passport(
    { name, accountId, device }: Omit<Person, 'signer'>,
    now: number,
    hours = 24,
    ver = 1,
  ): Promise<string> {
    return new SignJWT({ name, ver, device, seal: 'A'.repeat(43) })
      .setProtectedHeader({ alg: 'EdDSA', kid: this.jwks.keys[0]?.kid ?? '', typ: PASSPORT_TYPE })
      .setSubject(accountId)
      .setIssuedAt(Math.floor(now / 1000))
      .setExpirationTime(Math.floor(now / 1000) + hours * 3600)
      .sign(this.#key)
  }
}
