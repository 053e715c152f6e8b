import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { devicesResponseSchema } from '../../protocol/api'
import { deviceIdSchema } from '../../protocol/device'
import { z } from '../../protocol/schema'
import type { AppEnv } from '../app-env'
import { authenticated } from '../auth/authenticated'
import { ProblemError } from '../problem'
import { refuseInvalid } from './refuse-invalid'
import { dpop, json, provenAnswers, refusal } from './responses'

const list = createRoute({
  method: 'get',
  path: '/devices',
  description: 'The devices of this account, the one that asks first.',
  security: dpop,
  middleware: [authenticated] as const,
  responses: provenAnswers({ 200: json(devicesResponseSchema, 'The devices') }),
})

const end = createRoute({
  method: 'delete',
  path: '/devices/{device}',
  description:
    'Signs a device of this account out: from now on it gets no token, passport or ticket, and its sockets close.',
  security: dpop,
  middleware: [authenticated] as const,
  request: { params: z.object({ device: deviceIdSchema }) },
  responses: provenAnswers({
    204: { description: 'Signed out' },
    404: refusal('`not_found`: no device of this account, or no longer'),
  }),
})

/** Where an account is signed in. */
export const deviceRoutes = new OpenAPIHono<AppEnv>({ defaultHook: refuseInvalid })
  .openapi(list, async (c) => {
    const { account, device } = c.var.member
    return c.json({ devices: await c.env.ACCOUNTS.getByName(account).devices(device) }, 200)
  })
  .openapi(end, async (c) => {
    const { device } = c.req.valid('param')
    if (!(await c.env.ACCOUNTS.getByName(c.var.member.account).endDevice(device)))
      throw new ProblemError('not_found')
    return c.body(null, 204)
  })
