import { type CryptoKey, createLocalJWKSet, importJWK, type JWTVerifyGetKey } from 'jose'
import { z } from '../protocol/schema'

/**
 * The secret `SIGNING_KEYS`: a JWK Set of Ed25519 keys (RFC 8037 §2), made and rotated by `npm run keys`
 * (docs/SIGNING_KEYS.md). Times are seconds since the epoch, as in a JWT.
 *
 * A key is *announced* until `nbf`: published, so that every client has it before it is needed. Then it *signs*, until
 * the `nbf` of the next one. Later it is *retired*: its private half `d` is destroyed, and only what it signed before
 * `exp` counts. So kept, it opens nothing, and still says who spoke in members' histories.
 */
const publicMembers = {
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  kid: z.string().min(1).max(64),
  x: z.string().length(43),
}
const signingKeySchema = z.object({ ...publicMembers, d: z.string().length(43), nbf: z.int().optional() })
const retiredKeySchema = z.object({ ...publicMembers, d: z.undefined().optional(), exp: z.int() })
const signingKeysSchema = z
  .object({ keys: z.array(z.union([signingKeySchema, retiredKeySchema])) })
  .refine(({ keys }) => keys.some(isSigning), 'no key that signs')
  .refine(({ keys }) => new Set(keys.map(({ kid }) => kid)).size === keys.length, 'a key id twice')

type SigningJwk = z.infer<typeof signingKeySchema>
type RetiredJwk = z.infer<typeof retiredKeySchema>

const isSigning = (jwk: SigningJwk | RetiredJwk): jwk is SigningJwk => jwk.d !== undefined

export interface SigningKey {
  kid: string
  key: CryptoKey | Uint8Array
}

export interface Keys {
  /** What `GET /.well-known/jwks.json` answers: public parts only, of announced and retired keys, too. */
  readonly published: PublicJwk[]
  /** Checks tokens and tickets. They live for minutes, so a retired key has none that hold. */
  readonly verification: JWTVerifyGetKey
  /** The key that signs at `now` (ms): of those that may, the newest. Throws when the first one is yet to come. */
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
  const signing = keys.filter(isSigning).sort((a, b) => (b.nbf ?? 0) - (a.nbf ?? 0))
  const imported = new Map<string, Promise<CryptoKey | Uint8Array>>()
  return {
    published: keys.map(publicPart),
    verification: createLocalJWKSet({ keys: signing.map(publicPart) }),
    async signing(now) {
      const jwk = signing.find(({ nbf = 0 }) => nbf * 1000 <= now)
      if (!jwk) throw new RangeError('no signing key is valid yet')
      const { kid } = jwk
      const pending = imported.get(kid) ?? importJWK({ ...jwk }, 'EdDSA')
      imported.set(kid, pending)
      return { kid, key: await pending }
    },
  }
}

/** `exp` as in OpenID Federation 1.0 §8.7: the key is good for nothing that was signed after. */
export interface PublicJwk {
  kty: 'OKP'
  crv: 'Ed25519'
  kid: string
  x: string
  alg: 'EdDSA'
  use: 'sig'
  exp?: number
}

const publicPart = (jwk: SigningJwk | RetiredJwk): PublicJwk => {
  const { kty, crv, kid, x } = jwk
  return { kty, crv, kid, x, alg: 'EdDSA', use: 'sig', ...('exp' in jwk && { exp: jwk.exp }) }
}
