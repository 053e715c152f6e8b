import { ERROR_CODES } from './error-codes'
import { z } from './schema'

export const errorCodeSchema = z.enum(ERROR_CODES)

/** Problem details (RFC 9457) with our `code`. `retryAfter` in seconds where waiting helps. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: errorCodeSchema,
  detail: z.string().optional(),
  retryAfter: z.int().optional(),
  /** Names this answer in the Worker's log, and nobody. */
  requestId: z.string().max(64).optional(),
})
export type Problem = z.infer<typeof problemSchema>
