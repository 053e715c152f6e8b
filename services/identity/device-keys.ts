import type { DeviceId } from '../../protocol/device'
import type { Signer } from '../../protocol/signed'

/** This browser's keys: WebCrypto, non-extractable. The registered signing key is the session. */
export interface DeviceKeys {
  readonly device: DeviceId
  /** Ed25519. */
  readonly signingKey: CryptoKey
  /** X25519 public key, raw, base64url. */
  readonly seal: string
}

export const signerOf = ({ device, signingKey }: DeviceKeys): Signer => ({
  device,
  sign: async (data) => new Uint8Array(await crypto.subtle.sign('Ed25519', signingKey, data)),
})
