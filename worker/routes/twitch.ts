import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import {
  twitchAttemptRequestSchema,
  twitchAttemptResponseSchema,
  twitchLinkRequestSchema,
  twitchResponseSchema,
  twitchVisibilitySchema,
} from '../../protocol/api'
import { accountIdSchema } from '../../protocol/device'
import type { ErrorCode } from '../../protocol/error-codes'
import { z } from '../../protocol/schema'
import type { AppEnv } from '../app-env'
import { authenticated, authenticatedFor } from '../auth/authenticated'
import { type Env, publicOrigin } from '../env'
import { ProblemError } from '../problem'
import { whatTwitchAnswered } from '../twitch/answer'
import { twitchApp } from '../twitch/app'
import { authorizationUrl } from '../twitch/oauth'
import type { Linking } from '../twitch/ports'
import { isOwnRedirect } from '../twitch/redirects'
import { type SealPurpose, seal, unseal } from '../twitch/sealing'
import { refuseInvalid } from './refuse-invalid'
import { answers, dpop, json, jsonBody, provenAnswers, refusal } from './responses'

const read = createRoute({
  method: 'get',
  path: '/twitch',
  description: 'The Twitch account that is linked to this account, if any.',
  security: dpop,
  middleware: [authenticated] as const,
  responses: provenAnswers({ 200: json(twitchResponseSchema, 'The link') }),
})

const attempt = createRoute({
  method: 'post',
  path: '/twitch/attempt',
  description:
    'Begins to link a Twitch account. The URL is for `identity.launchWebAuthFlow` and ends at `redirect` with `?result=…`, for `POST /twitch/link` by this device within two minutes.',
  security: dpop,
  middleware: [authenticatedFor('twitch')] as const,
  request: jsonBody(twitchAttemptRequestSchema),
  responses: provenAnswers({
    200: json(twitchAttemptResponseSchema, 'Where to begin'),
    403: refusal('`origin_not_allowed`: the redirect is none of our extensions’'),
    503: refusal('`twitch_unavailable`'),
  }),
})

const DEAD_END =
  'This attempt to link a Twitch account is over. Close this window and begin again in Sidestream.'
/** No problem document, the one exception: a window shows it, and whoever reads it is a person. */
const deadEnd = {
  description:
    'The attempt is over. A line of plain text for the person in front of the window, and not a problem document: no program reads it.',
  content: { 'text/plain': { schema: z.string() } },
}

const start = createRoute({
  method: 'get',
  path: '/twitch/start',
  description:
    'For the browser: on to Twitch. The same however often it is opened, until Twitch has answered.',
  request: { query: z.object({ t: z.string().max(1_024) }) },
  responses: answers({ 302: { description: 'To Twitch' }, 410: deadEnd }),
})

const callback = createRoute({
  method: 'get',
  path: '/twitch/callback',
  description: 'For the browser: back from Twitch, and on to the extension with a result that works once.',
  responses: answers({ 302: { description: 'To the extension' }, 410: deadEnd }),
})

const link = createRoute({
  method: 'post',
  path: '/twitch/link',
  description: 'Trades the result for the link, or for why there is none.',
  security: dpop,
  middleware: [authenticated] as const,
  request: jsonBody(twitchLinkRequestSchema),
  responses: provenAnswers({
    200: json(twitchResponseSchema, 'Linked'),
    403: refusal('`twitch_cancelled`, `twitch_attempt_refused`'),
    409: refusal(
      '`twitch_taken`; `twitch_on_hold`: another account’s within the last day, `retryAfter` says when it is free',
    ),
    503: refusal('`twitch_unavailable`'),
  }),
})

const visibility = createRoute({
  method: 'put',
  path: '/twitch/visibility',
  description: 'Whether passports carry the login. Get a new passport afterwards.',
  security: dpop,
  middleware: [authenticated] as const,
  request: jsonBody(twitchVisibilitySchema),
  responses: provenAnswers({
    200: json(twitchResponseSchema, 'The link'),
    409: refusal('`twitch_not_linked`'),
  }),
})

const unlink = createRoute({
  method: 'delete',
  path: '/twitch',
  description:
    'Ends the link, revokes the passports that say so, takes the consent back at Twitch and forgets what was kept. For a day that Twitch account can be linked to this account alone.',
  security: dpop,
  middleware: [authenticated] as const,
  responses: provenAnswers({ 204: { description: 'Not linked (any more)' } }),
})

/** Linking an account of ours to a Twitch account. */
export const twitchRoutes = new OpenAPIHono<AppEnv>({ defaultHook: refuseInvalid })
  .openapi(read, (c) => c.json({ available: twitchApp(c.env) !== undefined, link: c.var.member.twitch }, 200))
  .openapi(attempt, async (c) => {
    const { redirect } = c.req.valid('json')
    if (twitchApp(c.env) === undefined) throw new ProblemError('twitch_unavailable')
    if (!(await isOwnRedirect(c.env, redirect))) throw new ProblemError('origin_not_allowed')
    const { account, device } = c.var.member
    const begun = await c.env.ACCOUNTS.getByName(account).beginTwitch({ device, redirect })
    const url = new URL('/twitch/start', publicOrigin(c.env, c.req.raw))
    url.searchParams.set('t', await sealName(c.env, 'twitch-start', [account, begun.attempt]))
    return c.json({ url: url.href, expiresAt: begun.expiresAt }, 200)
  })
  .openapi(start, async (c) => {
    const app = twitchApp(c.env)
    const name = await openName(c.env, 'twitch-start', c.req.valid('query').t)
    const secrets = name && (await c.env.ACCOUNTS.getByName(name[0]).askTwitch(name[1]))
    if (!app || !name || !secrets) return c.text(DEAD_END, 410)
    const state = await sealName(c.env, 'twitch-state', name)
    return c.redirect(
      await authorizationUrl(app, { ...secrets, state, redirectUri: redirectUri(c.env, c.req.raw) }),
    )
  })
  .openapi(callback, async (c) => {
    const app = twitchApp(c.env)
    const parameters = new URL(c.req.url).searchParams
    const state = parameters.get('state') ?? ''
    const name = await openName(c.env, 'twitch-state', state)
    if (!app || !name) return c.text(DEAD_END, 410)
    const account = c.env.ACCOUNTS.getByName(name[0])
    const taken = await account.takeTwitchAttempt(name[1])
    if (!taken) return c.text(DEAD_END, 410)
    const { redirect, ...secrets } = taken
    const answer = await whatTwitchAnswered(app, parameters, {
      ...secrets,
      state,
      redirectUri: redirectUri(c.env, c.req.raw),
    })
    const back = new URL(redirect)
    back.searchParams.set('result', await account.answerTwitch(name[1], answer))
    return c.redirect(back.href)
  })
  .openapi(link, async (c) => {
    const { account, device } = c.var.member
    const { result } = c.req.valid('json')
    const linking = await c.env.ACCOUNTS.getByName(account).redeemTwitch({ device, result })
    if (linking.outcome === 'on-hold') {
      const retryAfter = Math.max(1, Math.ceil((linking.until - Date.now()) / 1000))
      throw new ProblemError('twitch_on_hold', { retryAfter })
    }
    if (linking.outcome !== 'linked') throw new ProblemError(REFUSALS[linking.outcome])
    return c.json({ available: true, link: linking.link }, 200)
  })
  .openapi(visibility, async (c) => {
    const { shown } = c.req.valid('json')
    const shownLink = await c.env.ACCOUNTS.getByName(c.var.member.account).showTwitch(shown)
    if (!shownLink) throw new ProblemError('twitch_not_linked')
    return c.json({ available: twitchApp(c.env) !== undefined, link: shownLink }, 200)
  })
  .openapi(unlink, async (c) => {
    await c.env.ACCOUNTS.getByName(c.var.member.account).unlinkTwitch()
    return c.body(null, 204)
  })

const REFUSALS: Record<Exclude<Linking['outcome'], 'linked' | 'on-hold'>, ErrorCode> = {
  cancelled: 'twitch_cancelled',
  unavailable: 'twitch_unavailable',
  taken: 'twitch_taken',
  refused: 'twitch_attempt_refused',
}

/** What Twitch has to know as ours. */
const redirectUri = (env: Env, request: Request) =>
  new URL('/twitch/callback', publicOrigin(env, request)).href

/** Names an attempt to the outside, which learns nothing from it: an account's id is not for Twitch. */
const nameSchema = z.tuple([accountIdSchema, z.string()])
type AttemptName = z.infer<typeof nameSchema>

const sealName = (env: Env, purpose: SealPurpose, name: AttemptName) =>
  seal(env.SEALING_KEYS ?? '', purpose, '', name)

const openName = async (env: Env, purpose: SealPurpose, sealed: string): Promise<AttemptName | undefined> =>
  twitchApp(env) && unseal(env.SEALING_KEYS ?? '', purpose, '', sealed, nameSchema)
