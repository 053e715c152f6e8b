import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { displayNameBodySchema } from '../../protocol/api'
import type { AppEnv } from '../app-env'
import { authenticated, authenticatedFor } from '../auth/authenticated'
import { isReservedName } from '../names/reserved'
import { ProblemError } from '../problem'
import { refuseInvalid } from './refuse-invalid'
import { dpop, json, jsonBody, provenAnswers, refusal } from './responses'

const read = createRoute({
  method: 'get',
  path: '/user/display-name',
  description: 'The name under which others see this account.',
  security: dpop,
  middleware: [authenticated] as const,
  responses: provenAnswers({ 200: json(displayNameBodySchema, 'The name') }),
})

const change = createRoute({
  method: 'put',
  path: '/user/display-name',
  description:
    'Takes another name, if nobody has it or one that looks like it; ten times in 24 hours. The old one stays its owner’s for 30 days.',
  security: dpop,
  middleware: [authenticatedFor('renames')] as const,
  request: jsonBody(displayNameBodySchema),
  responses: provenAnswers({
    200: json(displayNameBodySchema, 'The new name'),
    409: refusal('`name_taken`'),
    422: refusal('`name_not_allowed`'),
    429: refusal('`renames_exhausted`, `rate_limited`; `retryAfter` says when to come again'),
  }),
})

/** The name under which others see an account. */
export const displayNameRoutes = new OpenAPIHono<AppEnv>({ defaultHook: refuseInvalid })
  .openapi(read, (c) => c.json({ displayName: c.var.member.displayName }, 200))
  .openapi(
    change,
    async (c) => {
      const { displayName: wanted } = c.req.valid('json')
      if (isReservedName(wanted)) throw new ProblemError('name_not_allowed')
      const renaming = await c.env.ACCOUNTS.getByName(c.var.member.account).rename(wanted)
      if (renaming.outcome === 'taken') throw new ProblemError('name_taken')
      if (renaming.outcome === 'rate-limited')
        throw new ProblemError('renames_exhausted', { retryAfter: renaming.retryAfter })
      return c.json({ displayName: renaming.displayName }, 200)
    },
    (result) => {
      if (!result.success && result.error.issues.every(({ path }) => path[0] === 'displayName')) {
        throw new ProblemError('name_not_allowed')
      }
      refuseInvalid(result)
    },
  )
