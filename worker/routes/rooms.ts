import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { ticketResponseSchema } from '../../protocol/api'
import { TERMS_PROTOCOL_PREFIX } from '../../protocol/consent'
import { roomIdSchema } from '../../protocol/room-id'
import { z } from '../../protocol/schema'
import { SOCKET_PROTOCOL, TICKET_PROTOCOL_PREFIX } from '../../protocol/socket-protocol'
import type { AppEnv } from '../app-env'
import { authenticatedFor } from '../auth/authenticated'
import { issueTicket, verifyTicket } from '../auth/ticket'
import { publicOrigin } from '../env'
import { keysOf } from '../keys'
import { networkBucket } from '../network'
import { TERMS_HEADER, TICKET_HEADER } from '../ports'
import { ProblemError } from '../problem'
import { refuseInvalid } from './refuse-invalid'
import { answers, dpop, json, provenAnswers, refusal } from './responses'

const params = z.object({ room: roomIdSchema })

const ticket = createRoute({
  method: 'post',
  path: '/rooms/{room}/ticket',
  description: 'A ticket for one socket to the room, to be used within 30 seconds.',
  security: dpop,
  middleware: [authenticatedFor('ticket')] as const,
  request: { params },
  responses: provenAnswers({ 200: json(ticketResponseSchema, 'A ticket') }),
})

const socket = createRoute({
  method: 'get',
  path: '/rooms/{room}/socket',
  description: `WebSocket. Offer \`${SOCKET_PROTOCOL}\`, \`${TICKET_PROTOCOL_PREFIX}<ticket>\` and \`${TERMS_PROTOCOL_PREFIX}<consent>\` as subprotocols.`,
  request: { params },
  responses: answers({
    101: { description: 'Welcome' },
    401: refusal('`ticket_refused`'),
    426: refusal('`invalid_request`: no WebSocket upgrade'),
  }),
})

/** The way into a room. */
export const roomRoutes = new OpenAPIHono<AppEnv>({ defaultHook: refuseInvalid })
  .openapi(ticket, async (c) => {
    const { room } = c.req.valid('param')
    const { account, device, ver, twitch } = c.var.member
    const visiting = await c.env.ACCOUNTS.getByName(account).visit({ device, room })
    if (visiting.outcome === 'device-refused') throw new ProblemError('device_refused')
    if (visiting.outcome === 'suspended') throw new ProblemError('account_suspended')
    if (visiting.outcome === 'rate-limited')
      throw new ProblemError('rate_limited', { retryAfter: visiting.retryAfter })
    const bucket = await networkBucket(c.env.PEPPER, c.req.raw, room)
    const origin = publicOrigin(c.env, c.req.raw)
    const keys = keysOf(c.env.SIGNING_KEYS)
    const holder = { account, device, bucket, ver, linked: twitch?.state === 'linked' }
    return c.json(await issueTicket(keys, holder, { room, origin, now: Date.now() }), 200)
  })
  .openapi(socket, async (c) => {
    const { room } = c.req.valid('param')
    if (c.req.header('Upgrade')?.toLowerCase() !== 'websocket') {
      throw new ProblemError('invalid_request', { status: 426, headers: { Upgrade: 'websocket' } })
    }
    const offered = (c.req.header('Sec-WebSocket-Protocol') ?? '')
      .split(',')
      .map((protocol) => protocol.trim())
    const shown = offered.find((protocol) => protocol.startsWith(TICKET_PROTOCOL_PREFIX)) ?? ''
    if (!offered.includes(SOCKET_PROTOCOL)) throw new ProblemError('ticket_refused')
    const member = await verifyTicket(
      keysOf(c.env.SIGNING_KEYS),
      shown.slice(TICKET_PROTOCOL_PREFIX.length),
      {
        room,
        origin: publicOrigin(c.env, c.req.raw),
        now: Date.now(),
      },
    )
    const terms = offered.find((protocol) => protocol.startsWith(TERMS_PROTOCOL_PREFIX)) ?? ''
    const headers = { Upgrade: 'websocket', [TICKET_HEADER]: JSON.stringify(member), [TERMS_HEADER]: terms }
    const answer = await c.env.ROOMS.getByName(room).fetch(new Request(c.req.url, { headers }))
    // A refusal gets our headers, so it must be our own response; an upgrade must stay the runtime's.
    return answer.status === 101 ? answer : new Response(answer.body, answer)
  })
