import { OpenAPIHono } from '@hono/zod-openapi'
import type { AppEnv } from './app-env'
import { bodyLimits } from './body-limits'
import { cors } from './cors'
import { answerFailure, answerUnrouted } from './failures'
import { describeApi } from './openapi'
import { requestTrail } from './request-trail'
import { responseHeaders } from './response-headers'
import { accountRoutes } from './routes/account'
import { adminRoutes } from './routes/admin'
import { deviceRoutes } from './routes/devices'
import { displayNameRoutes } from './routes/display-name'
import { documentationRoutes } from './routes/documentation'
import { iceRoutes } from './routes/ice'
import { nameRoutes } from './routes/names'
import { pictureRoutes } from './routes/pictures'
import { reportRoutes } from './routes/reports'
import { roleRoutes } from './routes/roles'
import { roomRoutes } from './routes/rooms'
import { serviceRoutes } from './routes/service'
import { sessionRoutes } from './routes/session'
import { signInRoutes } from './routes/sign-in'
import { twitchRoutes } from './routes/twitch'

const base = new OpenAPIHono<AppEnv>()
base.use(requestTrail, responseHeaders, cors, bodyLimits)

/** The Worker's HTTP interface. Knows Durable Objects by `ports.ts` only, so that its type travels to the client. */
export const app = base
  .route('/', serviceRoutes)
  .route('/', signInRoutes)
  .route('/', sessionRoutes)
  .route('/', accountRoutes)
  .route('/', deviceRoutes)
  .route('/', displayNameRoutes)
  .route('/', nameRoutes)
  .route('/', pictureRoutes)
  .route('/', roomRoutes)
  .route('/', iceRoutes)
  .route('/', twitchRoutes)
  .route('/', roleRoutes)
  .route('/', reportRoutes)

/**
 * For the extension: `hc<App>(origin)`. Import the type alone.
 * @example const client = hc<App>('https://…'); await client.auth.code.$post({ json: { email, device } })
 */
export type App = typeof app

app.route(
  '/',
  documentationRoutes(() => describeApi(app)),
)
app.route('/', adminRoutes)
app.notFound((c) => answerUnrouted(app.openAPIRegistry, new URL(c.req.url).pathname))
app.onError(answerFailure)
