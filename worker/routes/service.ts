import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { version } from '../../package.json'
import { abuseContactSchema } from '../../protocol/abuse-contact'
import { healthSchema } from '../../protocol/api'
import { z } from '../../protocol/schema'
import type { AppEnv } from '../app-env'
import { keysOf } from '../keys'
import { refuseInvalid } from './refuse-invalid'
import { answers, json } from './responses'

/** Clients refetch for an unknown `kid`; new keys are published long before they sign. */
const JWKS_CACHE = 'public, max-age=3600, stale-while-revalidate=86400'

const jwkSchema = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  kid: z.string(),
  x: z.string(),
  alg: z.literal('EdDSA'),
  use: z.literal('sig'),
  /** Seconds. Of a retired key: what it signed later does not count. */
  exp: z.int().exactOptional(),
})

const health = createRoute({
  method: 'get',
  path: '/health',
  description: 'Whether the Worker answers, its version, its clock, and where to tell of abuse.',
  responses: answers({ 200: json(healthSchema, 'The Worker answers') }),
})

const jwks = createRoute({
  method: 'get',
  path: '/.well-known/jwks.json',
  description:
    'The public keys that check what the Worker signs. New ones are here 48 hours before they sign.',
  responses: answers({ 200: json(z.object({ keys: z.array(jwkSchema) }), 'Public keys (RFC 7517)') }),
})

/** What anybody may ask. */
export const serviceRoutes = new OpenAPIHono<AppEnv>({ defaultHook: refuseInvalid })
  .openapi(health, (c) => {
    const { data: abuse } = abuseContactSchema.safeParse(c.env.ABUSE_CONTACT)
    return c.json({ ok: true as const, version, serverTime: Date.now(), ...(abuse && { abuse }) }, 200)
  })
  .openapi(jwks, (c) => {
    c.header('Cache-Control', JWKS_CACHE)
    return c.json({ keys: keysOf(c.env.SIGNING_KEYS).published }, 200)
  })
