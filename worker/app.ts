import { OpenAPIHono } from '@hono/zod-openapi'
import { bodyLimit } from 'hono/body-limit'
import { version } from '../package.json'
import { MAX_BODY_BYTES } from '../protocol/limits'
import type { AppEnv } from './app-env'
import { cors } from './cors'
import { answerFailure, answerUnrouted } from './failures'
import { problemResponse } from './problem'
import { responseHeaders } from './response-headers'
import { displayNameRoutes } from './routes/display-name'
import { iceRoutes } from './routes/ice'
import { roomRoutes } from './routes/rooms'
import { serviceRoutes } from './routes/service'
import { sessionRoutes } from './routes/session'
import { signInRoutes } from './routes/sign-in'

const base = new OpenAPIHono<AppEnv>()
base.use(responseHeaders, cors)
base.use(bodyLimit({ maxSize: MAX_BODY_BYTES, onError: () => problemResponse('body_too_large') }))

/** The Worker's HTTP interface. Knows Durable Objects by `ports.ts` only, so that its type travels to the client. */
export const app = base
  .route('/', serviceRoutes)
  .route('/', signInRoutes)
  .route('/', sessionRoutes)
  .route('/', displayNameRoutes)
  .route('/', roomRoutes)
  .route('/', iceRoutes)

/**
 * For the extension: `hc<App>(origin)`. Import the type alone.
 * @example const client = hc<App>('https://…'); await client.auth.code.$post({ json: { email, device } })
 */
export type App = typeof app

app.openAPIRegistry.registerComponent('securitySchemes', 'dpop', {
  type: 'http',
  scheme: 'DPoP',
  description:
    'RFC 9449: `Authorization: DPoP <access token>` and a proof in `DPoP`, with the nonce last seen.',
})
app.doc31('/openapi.json', { openapi: '3.1.0', info: { title: 'Sidestream', version } })

const routes = app.openAPIRegistry.definitions.flatMap((definition) =>
  definition.type === 'route' ? [definition.route] : [],
)
app.notFound((c) =>
  answerUnrouted([...routes, { method: 'get', path: '/openapi.json' }], new URL(c.req.url).pathname),
)
app.onError(answerFailure)
