import { type DeviceId, sealKeySchema } from '../../protocol/device'
import { z } from '../../protocol/schema'
import type { Signer } from '../../protocol/signed'
import { claimsOf } from '../claims'

/** This browser's keys: WebCrypto, non-extractable. The registered signing key is the session. */
export interface DeviceKeys {
  readonly device: DeviceId
  /** Ed25519. */
  readonly signingKey: CryptoKey
  /** X25519 public key, raw, base64url. */
  readonly seal: string
}

/** With the pair that `seal` is of: what the room host needs. */
export interface HostKeys extends DeviceKeys {
  readonly sealing: CryptoKeyPair
}

const sealSchema = z.object({ seal: sealKeySchema })

/** Whether a passport names the key that we open with: whoever has others told another one reads what they seal to us. */
export const showsOurKey = (passport: string, { seal }: Pick<DeviceKeys, 'seal'>): boolean =>
  claimsOf(passport, sealSchema)?.seal === seal

export const signerOf = ({ device, signingKey }: Pick<DeviceKeys, 'device' | 'signingKey'>): Signer => ({
  device,
  sign: async (data) => new Uint8Array(await crypto.subtle.sign('Ed25519', signingKey, data)),
})
