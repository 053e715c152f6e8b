import type { z } from '@hono/zod-openapi'
import { problemSchema } from '../../protocol/errors'

/** A JSON body as the OpenAPI document and the typed client know it. */
export const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { 'application/json': { schema } },
})

/** A required JSON request body. */
export const jsonBody = <T extends z.ZodType>(schema: T) => ({
  body: { required: true as const, content: { 'application/json': { schema } } },
})

/** A problem as one of a route's answers. Handlers throw it as `ProblemError`. */
export const refusal = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemSchema } },
})

// Intersections, because spreading an object type makes strings of its numeric keys and hides them from `hc`.

const common = {
  400: refusal('`invalid_request`'),
  429: refusal('`rate_limited` and the like; `retryAfter` says when to come again'),
  500: refusal('`internal`'),
}

/** A route's own answers, and those that every route can give. */
export const answers = <T extends object>(own: T): T & typeof common => ({ ...common, ...own })

const unauthorized = {
  401: refusal('`token_invalid`, `proof_invalid`, `use_dpop_nonce`, `device_refused`'),
  403: refusal('`account_suspended`'),
}

/** Answers of routes that want an access token, or an assertion. */
export const provenAnswers = <T extends object>(own: T): T & typeof common & typeof unauthorized => ({
  ...common,
  ...unauthorized,
  ...own,
})

/** The security scheme of the OpenAPI document: DPoP (RFC 9449). */
export const dpop = [{ dpop: [] }]
