import { createMiddleware } from 'hono/factory'
import { utf8 } from '../../protocol/bytes'
import type { AppEnv } from '../app-env'
import { ProblemError } from '../problem'

/** 32 bytes as base64url. */
const MIN_KEY_LENGTH = 43

/**
 * Lets the operator in, who shows the secret `ADMIN_KEY` as a bearer token (RFC 6750). Whoever does not finds nothing
 * here, as where no such secret is set: also that there is an operator's door is nobody's business.
 */
export const operator = createMiddleware<AppEnv>(async (c, next) => {
  const shown = /^Bearer ([\w-]{1,128})$/i.exec(c.req.header('Authorization') ?? '')?.[1]
  const key = c.env.ADMIN_KEY ?? ''
  if (key !== '' && key.length < MIN_KEY_LENGTH) throw new RangeError('admin key too short')
  if (key === '' || shown === undefined || !(await isSame(shown, key))) throw new ProblemError('not_found')
  await next()
})

/** Compared in constant time by the runtime: by an HMAC under a key that nobody knows. */
async function isSame(shown: string, key: string): Promise<boolean> {
  const once = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])
  if (!('algorithm' in once)) throw new TypeError('not one key')
  return crypto.subtle.verify('HMAC', once, await crypto.subtle.sign('HMAC', once, utf8(key)), utf8(shown))
}
