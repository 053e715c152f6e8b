import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { roleResponseSchema } from '../../protocol/api'
import { LOGIN_PATTERN } from '../../protocol/login'
import { z } from '../../protocol/schema'
import type { AppEnv } from '../app-env'
import { authenticatedFor } from '../auth/authenticated'
import { keysOf } from '../keys'
import { ROLE_CACHE_MS } from '../limits'
import { ProblemError } from '../problem'
import { issueRoleGrant } from '../role-grants'
import { refuseInvalid } from './refuse-invalid'
import { dpop, json, provenAnswers, refusal } from './responses'

const role = createRoute({
  method: 'get',
  path: '/rooms/{login}/role',
  description:
    'Whether this account’s Twitch account is the broadcaster or a moderator of the channel, with a signed grant that peers check offline. `null` for everybody else, and for accounts that are not linked.',
  security: dpop,
  middleware: [authenticatedFor('role')] as const,
  request: { params: z.object({ login: z.string().regex(LOGIN_PATTERN) }) },
  responses: provenAnswers({
    200: json(roleResponseSchema, 'The role'),
    503: refusal('`twitch_unavailable`'),
  }),
})

/** Who may do what in a channel's room, after Twitch's word. */
export const roleRoutes = new OpenAPIHono<AppEnv>({ defaultHook: refuseInvalid }).openapi(role, async (c) => {
  const { login } = c.req.valid('param')
  const { account } = c.var.member
  const finding = await c.env.ACCOUNTS.getByName(account).roleIn(login)
  if (finding.outcome === 'unavailable') throw new ProblemError('twitch_unavailable', { retryAfter: 60 })
  const now = Date.now()
  // Also where nothing was asked: nobody has a role that they could get by asking often.
  const askAgainAt = Math.max(finding.until, now + ROLE_CACHE_MS)
  if (finding.outcome === 'none') return c.json({ role: null, grant: null, askAgainAt }, 200)
  const granted = { account, login, channel: finding.channel, role: finding.role }
  const grant = await issueRoleGrant(keysOf(c.env.SIGNING_KEYS), granted, now)
  return c.json({ role: finding.role, grant, askAgainAt }, 200)
})
