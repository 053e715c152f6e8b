import { exportJWK, generateKeyPair, type JSONWebKeySet, SignJWT } from 'jose'
import { toBase64Url } from '../../../protocol/bytes'
import { type AccountId, accountIdSchema, type DeviceId, deviceIdOf } from '../../../protocol/device'
import { REVOCATION_LIFETIME_MS, ROLE_GRANT_LIFETIME_MS } from '../../../protocol/limits'
import { PASSPORT_TYPE } from '../../../protocol/passport'
import { REVOCATION_TYPE } from '../../../protocol/revocation'
import { ROLE_GRANT_TYPE, type Role } from '../../../protocol/role'
import type { RoomId } from '../../../protocol/room-id'
import { type Opener, openerOf } from '../../../protocol/sealed'
import type { Signer } from '../../../protocol/signed'
import { signerOf } from '../../../services/identity/device-keys'

/** Someone with a device key and an account. */
export interface Person {
  name: string
  accountId: AccountId
  signer: Signer
  opener: Opener
  device: DeviceId
  /** The hash of their picture. */
  avatar?: string
  /** Whether the account is linked to Twitch. */
  linked?: boolean
}

/** Nobody can seal anything to one without an `opener`. */
type PassportHolder = Omit<Person, 'signer' | 'opener'> & Partial<Pick<Person, 'opener'>>

async function newOpener(): Promise<Opener> {
  const pair = await crypto.subtle.generateKey('X25519', false, ['deriveBits'])
  if (!('privateKey' in pair)) throw new TypeError('expected a key pair')
  return openerOf(pair, new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)))
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
    const opener = await newOpener()
    return { name, accountId, device, signer: signerOf({ device, signingKey: privateKey }), opener }
  }

  /** Another device of the same account. */
  async deviceOf({ name, accountId }: Pick<Person, 'name' | 'accountId'>): Promise<Person> {
    return { ...(await this.person(name)), accountId }
  }

  /** A revocation of one device's passports or, without it, of all of the account's; `now` in ms. */
  revocation(
    { accountId, device }: { accountId: AccountId; device?: DeviceId },
    now: number,
    ver = 1,
  ): Promise<string> {
    const iat = Math.floor(now / 1000)
    return new SignJWT({ ...(device !== undefined && { device }), ver })
      .setProtectedHeader({ alg: 'EdDSA', kid: this.jwks.keys[0]?.kid ?? '', typ: REVOCATION_TYPE })
      .setSubject(accountId)
      .setIssuedAt(iat)
      .setExpirationTime(iat + REVOCATION_LIFETIME_MS / 1000)
      .sign(this.#key)
  }

  /** What the Worker says somebody is in a room; `now` in ms. */
  roleGrant(
    { accountId }: Pick<Person, 'accountId'>,
    room: RoomId,
    role: Role,
    now: number,
  ): Promise<string> {
    const iat = Math.floor(now / 1000)
    return new SignJWT({ room, role, channel: '12826' })
      .setProtectedHeader({ alg: 'EdDSA', kid: this.jwks.keys[0]?.kid ?? '', typ: ROLE_GRANT_TYPE })
      .setSubject(accountId)
      .setIssuedAt(iat)
      .setExpirationTime(iat + ROLE_GRANT_LIFETIME_MS / 1000)
      .sign(this.#key)
  }

  /** A passport; `now` in ms. */
  passport(
    { name, accountId, device, avatar, linked, opener }: PassportHolder,
    now: number,
    hours = 24,
    ver = 1,
  ): Promise<string> {
    return new SignJWT({
      name,
      ver,
      device,
      seal: opener ? toBase64Url(opener.key) : 'A'.repeat(43),
      ...(avatar !== undefined && { avatar }),
      ...(linked && { linked }),
    })
      .setProtectedHeader({ alg: 'EdDSA', kid: this.jwks.keys[0]?.kid ?? '', typ: PASSPORT_TYPE })
      .setSubject(accountId)
      .setIssuedAt(Math.floor(now / 1000))
      .setExpirationTime(Math.floor(now / 1000) + hours * 3600)
      .sign(this.#key)
  }
}
