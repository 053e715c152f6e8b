import { iceResponseSchema, twitchLinkSchema } from '../protocol/api'
import { accountIdSchema } from '../protocol/device'
import { z } from '../protocol/schema'
import type { IdentityRecord } from '../services/identity/kept-identity'
import type { Sealer } from './sealing'

const BOUND = ['identity'] as const

export const identityRecordSchema: z.ZodType<IdentityRecord> = z.object({
  pending: z.object({ email: z.string(), expiresAt: z.number() }).exactOptional(),
  account: z.object({ accountId: accountIdSchema, displayName: z.string() }).exactOptional(),
  passport: z
    .object({
      jwt: z.string(),
      expiresAt: z.number(),
      renewAt: z.number().exactOptional(),
      twitch: twitchLinkSchema.exactOptional(),
    })
    .exactOptional(),
  suspended: z.boolean().exactOptional(),
  jwks: z.object({ keys: z.array(z.looseObject({ kty: z.string() })) }).exactOptional(),
  ice: iceResponseSchema.exactOptional(),
  clockOffset: z.number().exactOptional(),
  browser: z.string().exactOptional(),
})

export const sealIdentity = (sealer: Sealer, record: IdentityRecord) => sealer.sealJson(BOUND, record)

export const openIdentity = (sealer: Sealer, sealed: unknown) =>
  sealer.openJson(BOUND, sealed, identityRecordSchema)
