import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { logFailure } from './log'
import { ProblemError, problemResponse } from './problem'

/** Whatever was thrown, as problem details. What we did not mean to throw is logged and tells the client nothing. */
export function answerFailure(error: Error, c: Context): Response {
  if (error instanceof ProblemError) return problemResponse(error.code, error.options)
  if (error instanceof HTTPException && error.status < 500) return problemResponse('invalid_request')
  logFailure(c.req.method, c.req.routePath, error)
  return problemResponse('internal')
}

interface DefinedRoute {
  method: string
  /** `/rooms/{room}/ticket` */
  path: string
}

/** For a path that no route took: 405 with `Allow` if another method would have, 404 otherwise. */
export function answerUnrouted(routes: readonly DefinedRoute[], pathname: string): Response {
  const allowed = routes
    .filter(({ path }) => matches(path, pathname))
    .map(({ method }) => method.toUpperCase())
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
