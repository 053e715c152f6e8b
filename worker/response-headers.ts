import { createMiddleware } from 'hono/factory'
import type { AppEnv } from './app-env'
import { nonceAt } from './auth/nonce'

/** What keeps browsers strict. A route that sets one of these itself knows better. */
const HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  'Referrer-Policy': 'no-referrer',
  'X-Frame-Options': 'DENY',
}

/** What no route may change. */
const FIXED_HEADERS = {
  'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
  'X-Content-Type-Options': 'nosniff',
}

/** Puts on every answer what keeps browsers strict, no caching unless a route said otherwise, and a fresh nonce. */
export const responseHeaders = createMiddleware<AppEnv>(async (c, next) => {
  await next()
  // An upgrade's answer is the runtime's own and may not be touched.
  if (c.res.status === 101) return
  const { headers } = c.res
  for (const [name, value] of Object.entries(HEADERS)) if (!headers.has(name)) headers.set(name, value)
  for (const [name, value] of Object.entries(FIXED_HEADERS)) headers.set(name, value)
  headers.append('Vary', 'Origin')
  if (!headers.has('Cache-Control')) {
    headers.set('Cache-Control', 'no-store')
    headers.set('DPoP-Nonce', await nonceAt(c.env.NONCE_KEY, Date.now()))
  }
})
