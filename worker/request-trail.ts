import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import { routePath } from 'hono/route'
import { problemSchema } from '../protocol/errors'
import type { AppEnv } from './app-env'
import { logRequest } from './log'

/** Where a problem of ours says so. */
export const PROBLEM_TYPE = 'application/problem+json'

/** What took a request, for the log: method and route pattern. */
export const routeOf = (c: Context) => ({
  method: c.req.method,
  // A path that nobody took is matched by the middleware alone.
  route: routePath(c, -1).replace(/^\/\*$/, 'none'),
})

/**
 * Gives every request an id of our own making (never the client's), which the answer's `X-Request-Id`, a problem's
 * `requestId` and the log share, so that whoever reports a failure can be helped without telling who they are.
 */
export const requestTrail = createMiddleware<AppEnv>(async (c, next) => {
  const begun = Date.now()
  const requestId = crypto.randomUUID()
  c.set('requestId', requestId)
  await next()
  const problem = await nameProblem(c, requestId)
  const line = { ...routeOf(c), status: c.res.status, ms: Date.now() - begun, requestId }
  logRequest(problem === undefined ? line : { ...line, problem })
  // An upgrade's answer is the runtime's own and may not be touched.
  if (c.res.status !== 101) c.res.headers.set('X-Request-Id', requestId)
})

/** Writes the id into a problem, whoever made that (also the durable objects do), and returns the problem's code. */
async function nameProblem(c: Context, requestId: string): Promise<string | undefined> {
  if (c.res.headers.get('Content-Type') !== PROBLEM_TYPE) return undefined
  const text = await c.res.text()
  const { data: problem } = problemSchema.safeParse(JSON.parse(text))
  c.res = new Response(problem ? JSON.stringify({ ...problem, requestId }) : text, c.res)
  return problem?.code
}
