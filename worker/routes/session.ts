import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { passportResponseSchema, tokenRequestSchema, tokenResponseSchema } from '../../protocol/api'
import { accountIdSchema } from '../../protocol/device'
import { ACCESS_TOKEN_LIFETIME_MS } from '../../protocol/limits'
import type { AppEnv } from '../app-env'
import { issueAccessToken } from '../auth/access-token'
import { verifyAssertion } from '../auth/assertion'
import { authenticated } from '../auth/authenticated'
import { NONCE_LIFETIME_MS } from '../auth/nonce'
import { publicOrigin } from '../env'
import { keysOf } from '../keys'
import { issuePassport } from '../passports'
import { ProblemError } from '../problem'
import { refuseInvalid } from './refuse-invalid'
import { dpop, json, jsonBody, provenAnswers } from './responses'

const token = createRoute({
  method: 'post',
  path: '/auth/token',
  description:
    'An access token for a registered device, bound to its key (RFC 9449). The assertion works once.',
  request: jsonBody(tokenRequestSchema),
  responses: provenAnswers({ 200: json(tokenResponseSchema, 'A token') }),
})

const endDevice = createRoute({
  method: 'delete',
  path: '/auth/device',
  description: 'Signs this device out: from now on it gets no token, passport or ticket.',
  security: dpop,
  middleware: [authenticated] as const,
  responses: provenAnswers({ 204: { description: 'Signed out' } }),
})

const passport = createRoute({
  method: 'post',
  path: '/passport',
  description:
    'A signed statement of who this device belongs to, which peers check offline. Holds for 24 hours.',
  security: dpop,
  middleware: [authenticated] as const,
  responses: provenAnswers({ 200: json(passportResponseSchema, 'A passport') }),
})

/** What a signed-in device lives on. */
export const sessionRoutes = new OpenAPIHono<AppEnv>({ defaultHook: refuseInvalid })
  .openapi(token, async (c) => {
    const now = Date.now()
    const origin = publicOrigin(c.env, c.req.raw)
    const { assertion } = c.req.valid('json')
    const { device, subject, jti } = await verifyAssertion(assertion, {
      audience: origin,
      nonceKey: c.env.NONCE_KEY,
      now,
    })
    const { success, data: account } = accountIdSchema.safeParse(subject)
    if (!success) throw new ProblemError('device_refused')
    const admission = await c.env.ACCOUNTS.getByName(account).admit({
      device,
      jti,
      until: now + NONCE_LIFETIME_MS,
    })
    if (admission.outcome === 'rate-limited')
      throw new ProblemError('rate_limited', { retryAfter: admission.retryAfter })
    if (admission.outcome === 'replayed') throw new ProblemError('proof_invalid')
    if (admission.outcome === 'suspended') throw new ProblemError('account_suspended')
    if (admission.outcome !== 'admitted') throw new ProblemError('device_refused')
    const accessToken = await issueAccessToken(
      keysOf(c.env.SIGNING_KEYS),
      { account, device },
      { origin, now },
    )
    const expiresIn = ACCESS_TOKEN_LIFETIME_MS / 1000
    return c.json({ accessToken, tokenType: 'DPoP' as const, expiresIn, serverTime: Date.now() }, 200)
  })
  .openapi(endDevice, async (c) => {
    const { account, device } = c.var.member
    await c.env.ACCOUNTS.getByName(account).endDevice(device)
    return c.body(null, 204)
  })
  .openapi(passport, async (c) => {
    const issued = await issuePassport(keysOf(c.env.SIGNING_KEYS), c.var.member, Date.now())
    return c.json({ ...issued, twitch: c.var.member.twitch }, 200)
  })
