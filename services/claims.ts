import { decodeJwt } from 'jose'
import type { z } from '../protocol/schema'

/** What a JWT says of itself, which nobody has checked here; `undefined` when it says nothing of the kind. */
export function claimsOf<T>(jwt: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.parse(decodeJwt(jwt))
  } catch {
    return undefined
  }
}
