import { createMiddleware } from 'hono/factory'
import type { AppEnv } from './app-env'
import { nonceAt } from './auth/nonce'

const HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  Vary: 'Origin',
}

/** Puts on every answer what keeps browsers strict, no caching unless a route said otherwise, and a fresh nonce. */
export const responseHeaders = createMiddleware<AppEnv>(async (c, next) => {
  await next()
  // An upgrade's answer is the runtime's own and may not be touched.
  if (c.res.status === 101) return
  const { headers } = c.res
  for (const [name, value] of Object.entries(HEADERS)) headers.set(name, value)
  if (!headers.has('Cache-Control')) {
    headers.set('Cache-Control', 'no-store')
    headers.set('DPoP-Nonce', await nonceAt(c.env.NONCE_KEY, Date.now()))
  }
})
