import { createMiddleware } from 'hono/factory'
import type { AppEnv } from './app-env'
import { type Env, wordsOf } from './env'
import { ProblemError } from './problem'

const METHODS = 'GET, POST, PUT, DELETE'
const REQUEST_HEADERS = 'Authorization, Content-Type, DPoP, If-None-Match, Range'
const EXPOSED_HEADERS =
  'Accept-Ranges, Content-Range, DPoP-Nonce, ETag, Retry-After, WWW-Authenticate, X-Request-Id'
const PREFLIGHT_SECONDS = '7200'

/** Whether an `Origin` is one of our extensions'. Never a web page's. */
export function isAllowedOrigin(env: Env, origin: string): boolean {
  if (/^moz-extension:\/\/[\da-f-]{36}$/.test(origin)) return true
  const id = /^chrome-extension:\/\/([a-p]{32})$/.exec(origin)?.[1]
  return id !== undefined && wordsOf(env.EXTENSION_IDS).includes(id)
}

/**
 * Lets our extensions read answers, and refuses any other origin outright, sockets included (browsers apply no
 * CORS to those). Requests without an `Origin` come from no page; what they need is a token or a ticket.
 * Cookies are never set nor allowed.
 */
export const cors = createMiddleware<AppEnv>(async (c, next) => {
  const origin = c.req.header('Origin')
  if (origin === undefined) return next()
  if (!isAllowedOrigin(c.env, origin)) throw new ProblemError('origin_not_allowed')
  const granted = { 'Access-Control-Allow-Origin': origin, 'Access-Control-Expose-Headers': EXPOSED_HEADERS }
  if (c.req.method === 'OPTIONS' && c.req.header('Access-Control-Request-Method') !== undefined) {
    return new Response(null, {
      status: 204,
      headers: {
        ...granted,
        'Access-Control-Allow-Methods': METHODS,
        'Access-Control-Allow-Headers': REQUEST_HEADERS,
        'Access-Control-Max-Age': PREFLIGHT_SECONDS,
      },
    })
  }
  await next()
  if (c.res.status === 101) return
  for (const [name, value] of Object.entries(granted)) c.res.headers.set(name, value)
})
