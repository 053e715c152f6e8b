import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { iceResponseSchema } from '../../protocol/api'
import type { AppEnv } from '../app-env'
import { authenticatedFor } from '../auth/authenticated'
import { wordsOf } from '../env'
import { relayGrant } from '../ice/relay-grant'
import { refuseInvalid } from './refuse-invalid'
import { dpop, json, provenAnswers } from './responses'

const ice = createRoute({
  method: 'get',
  path: '/ice',
  description:
    'STUN servers, and TURN servers with credentials for this member. Without a relay while none is configured or it cannot be reached; ask again once `expiresAt` has passed.',
  security: dpop,
  middleware: [authenticatedFor('ice')] as const,
  responses: provenAnswers({ 200: json(iceResponseSchema, 'What RTCPeerConnection takes as iceServers') }),
})

/** The servers that help two members to find a way to each other. */
export const iceRoutes = new OpenAPIHono<AppEnv>({ defaultHook: refuseInvalid }).openapi(ice, async (c) => {
  const { servers, expiresAt } = await relayGrant(c.env, c.var.member.account, Date.now())
  const urls = wordsOf(c.env.STUN_URLS)
  return c.json({ expiresAt, iceServers: urls.length === 0 ? servers : [{ urls }, ...servers] }, 200)
})
