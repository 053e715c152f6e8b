import { type CryptoKey, createLocalJWKSet, importJWK, type JWTVerifyGetKey } from 'jose'
import { z } from '../protocol/schema'

/**
 * A private Ed25519 key (RFC 8037 §2) of the secret `SIGNING_KEYS`. `nbf` (seconds since the epoch, like a
 * JWT's) is when it begins to sign. To rotate: put a new key **first**, `nbf` 48 h ahead; it is published at
 * once and signs when everybody has had time to fetch it. Drop the old one 24 h after that.
 */
const signingKeySchema = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  kid: z.string().min(1).max(64),
  x: z.string().length(43),
  d: z.string().length(43),
  nbf: z.int().optional(),
})
const signingKeysSchema = z.object({ keys: z.array(signingKeySchema).min(1) })
type SigningJwk = z.infer<typeof signingKeySchema>

export interface SigningKey {
  kid: string
  key: CryptoKey | Uint8Array
}

export interface Keys {
  /** What `GET /.well-known/jwks.json` answers: public parts only, the coming key included. */
  readonly published: PublicJwk[]
  /** Checks what any of our keys signed. */
  readonly verification: JWTVerifyGetKey
  /** The key that signs at `now` (ms). Throws when the first one that may is yet to come. */
  signing(now: number): Promise<SigningKey>
}

let cached: { secret: string; keys: Keys } | undefined

/** The Worker's keys. Parsed once per isolate. Throws a `ZodError` or `SyntaxError` for a malformed secret. */
export function keysOf(secret: string): Keys {
  if (cached?.secret !== secret) cached = { secret, keys: parseKeys(secret) }
  return cached.keys
}

function parseKeys(secret: string): Keys {
  const { keys } = signingKeysSchema.parse(JSON.parse(secret))
  const published = keys.map(publicPart)
  const imported = new Map<string, Promise<CryptoKey | Uint8Array>>()
  return {
    published,
    verification: createLocalJWKSet({ keys: published }),
    async signing(now) {
      const jwk = keys.find(({ nbf = 0 }) => nbf * 1000 <= now)
      if (!jwk) throw new RangeError('no signing key is valid yet')
      const { kid } = jwk
      const pending = imported.get(kid) ?? importJWK({ ...jwk }, 'EdDSA')
      imported.set(kid, pending)
      return { kid, key: await pending }
    },
  }
}

const publicPart = ({ kty, crv, kid, x }: SigningJwk) =>
  ({ kty, crv, kid, x, alg: 'EdDSA', use: 'sig' }) as const

export type PublicJwk = ReturnType<typeof publicPart>
