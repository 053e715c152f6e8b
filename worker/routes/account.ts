import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { accountExportSchema } from '../../protocol/api'
import type { AppEnv } from '../app-env'
import { authenticated } from '../auth/authenticated'
import { ProblemError } from '../problem'
import { refuseInvalid } from './refuse-invalid'
import { dpop, json, provenAnswers } from './responses'

const read = createRoute({
  method: 'get',
  path: '/account/export',
  description:
    'Everything that is known of this account, picture and Twitch link included. No message is: none passes here.',
  security: dpop,
  middleware: [authenticated] as const,
  responses: provenAnswers({ 200: json(accountExportSchema, 'The account') }),
})

const end = createRoute({
  method: 'delete',
  path: '/account',
  description:
    'Ends this account for good: its devices are signed out and its passports revoked at once; picture, Twitch link and name go, and the address starts anew. Its name stays taken for 30 days.',
  security: dpop,
  middleware: [authenticated] as const,
  responses: provenAnswers({
    204: { description: 'It is out of service; what is left of it is being erased' },
  }),
})

/** What belongs to an account as a whole. */
export const accountRoutes = new OpenAPIHono<AppEnv>({ defaultHook: refuseInvalid })
  .openapi(read, async (c) => {
    const { account, device } = c.var.member
    const exported = await c.env.ACCOUNTS.getByName(account).export(device)
    // Ended since it was asked who this is.
    if (!exported) throw new ProblemError('device_refused')
    return c.json(exported, 200)
  })
  .openapi(end, async (c) => {
    await c.env.ACCOUNTS.getByName(c.var.member.account).end()
    return c.body(null, 204)
  })
