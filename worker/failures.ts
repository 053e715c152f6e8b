import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ErrorCode } from '../protocol/error-codes'
import type { AppEnv } from './app-env'
import { logFailure } from './log'
import { ProblemError, problemResponse } from './problem'
import { routeOf } from './request-trail'

/** Whatever was thrown, as problem details. What we did not mean to throw is logged and tells the client nothing. */
export function answerFailure(error: Error, c: Context<AppEnv>): Response {
  if (error instanceof ProblemError) return problemResponse(error.code, error.options)
  if (error instanceof HTTPException && error.status < 500) return problemResponse(codeFor(error.status))
  logFailure({ ...routeOf(c), requestId: c.var.requestId }, error)
  return problemResponse('internal')
}

/** What the libraries throw. */
function codeFor(status: number): ErrorCode {
  if (status === 413) return 'body_too_large'
  return status === 415 ? 'unsupported_media_type' : 'invalid_request'
}

/** For a path that no route took: 405 with `Allow` if another method would have, 404 otherwise. */
export function answerUnrouted({ definitions }: OpenAPIHono['openAPIRegistry'], pathname: string): Response {
  const allowed = definitions
    .filter((definition) => definition.type === 'route')
    .filter(({ route }) => matches(route.path, pathname))
    .map(({ route }) => route.method.toUpperCase())
  if (allowed.length === 0) return problemResponse('not_found')
  return problemResponse('method_not_allowed', { headers: { Allow: allowed.join(', ') } })
}

function matches(path: string, pathname: string): boolean {
  const expected = path.split('/')
  const actual = pathname.split('/')
  return (
    expected.length === actual.length &&
    expected.every((part, index) => part === actual[index] || (part.startsWith('{') && actual[index] !== ''))
  )
}
