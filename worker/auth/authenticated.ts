import { createMiddleware } from 'hono/factory'
import type { AppEnv } from '../app-env'
import { publicOrigin } from '../env'
import { keysOf } from '../keys'
import type { Member, Paced } from '../ports'
import { ProblemError } from '../problem'
import { verifyAccessToken } from './access-token'
import { NONCE_LIFETIME_MS } from './nonce'
import { verifyProof } from './proof'

export interface Authenticated {
  Bindings: AppEnv['Bindings']
  Variables: { member: Member }
}

/** Lets in whoever shows an access token and proves to hold its device key (RFC 9449 §7). */
export const authenticated = admitting()

/** The same, as often as one device may have the thing in question. */
export const authenticatedFor = (paced: Paced) => admitting(paced)

function admitting(paced?: Paced) {
  return createMiddleware<Authenticated>(async (c, next) => {
    const { env, req } = c
    const now = Date.now()
    const origin = publicOrigin(env, req.raw)
    const accessToken = /^DPoP ([\w.-]{1,2048})$/i.exec(req.header('Authorization') ?? '')?.[1]
    if (accessToken === undefined) throw new ProblemError('token_invalid')
    const { account, thumbprint } = await verifyAccessToken(keysOf(env.SIGNING_KEYS), accessToken, {
      origin,
      now,
    })
    const { device, jti } = await verifyProof(req.header('DPoP') ?? '', {
      method: req.method,
      url: origin + new URL(req.url).pathname,
      accessToken,
      thumbprint,
      nonceKey: env.NONCE_KEY,
      now,
    })
    const admission = await env.ACCOUNTS.getByName(account).admit({
      device,
      jti,
      until: now + NONCE_LIFETIME_MS,
      paced,
    })
    if (admission.outcome === 'replayed') throw new ProblemError('proof_invalid')
    if (admission.outcome === 'rate-limited')
      throw new ProblemError('rate_limited', { retryAfter: admission.retryAfter })
    if (admission.outcome === 'suspended') throw new ProblemError('account_suspended')
    if (admission.outcome !== 'admitted') throw new ProblemError('device_refused')
    c.set('member', admission.member)
    await next()
  })
}
