import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Provider } from 'oidc-provider'
import { type Bearer, helix } from './helix.ts'
import { closeServer, listenOnLoopback } from './loopback.ts'
import type { TokenStore } from './token-store.ts'
import { consentPage } from './twitch-consent-page.ts'
import { twitchProvider } from './twitch-provider.ts'
import { TwitchUsers } from './twitch-users.ts'

/** A Twitch of this machine's own, as far as accounts go: its OpenID provider and its API. */
export interface TwitchId {
  readonly issuer: string
  /** The base of Helix. */
  readonly api: string
  readonly clientId: string
  readonly clientSecret: string
  readonly users: TwitchUsers
  readonly tokens: TokenStore
  stop(): Promise<void>
}

export interface TwitchIdOptions {
  /** Port 0, the default, takes a free one. */
  port?: number
  /** The Worker's `/twitch/callback`, where it may be. */
  redirectUris: readonly string[]
  /** What Twitch knows Sidestream by; a secret of this run unless told. */
  clientId?: string
  clientSecret?: string
}

/** Starts it on 127.0.0.1. Rejects where the port is taken. */
export async function startTwitchId({
  port = 0,
  redirectUris,
  clientId = 'sidestream-on-this-machine',
  clientSecret = randomBytes(24).toString('base64url'),
}: TwitchIdOptions): Promise<TwitchId> {
  let handle: (request: IncomingMessage, response: ServerResponse) => Promise<unknown> = async () => undefined
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy()
      else response.writeHead(400, { 'Content-Type': 'text/plain' }).end(String(error))
    })
  })
  const origin = `http://127.0.0.1:${await listenOnLoopback(server, port)}`
  const issuer = `${origin}/oauth2`
  const users = new TwitchUsers()
  const { provider, store } = await twitchProvider({ issuer, clientId, clientSecret, redirectUris, users })
  const behind = provider.callback()
  handle = async (request, response) => {
    const url = new URL(request.url ?? '/', origin)
    const path = url.pathname
    const bearer = await bearerOf(provider, users, request)
    if (fails(path, bearer, response)) return
    if (path.startsWith('/helix/')) {
      const { status, body } = helix(url, header(request, 'client-id'), bearer, users)
      return json(response, status, body)
    }
    if (path === '/oauth2/validate') return json(response, ...validity(bearer))
    if (path === '/oauth2/revoke') return revoke(request, response)
    if (path.startsWith('/oauth2/interaction/')) return consentPage(provider, users, request, response)
    // The provider answers below its issuer's path.
    Object.assign(request, { originalUrl: request.url })
    request.url = request.url?.replace(/^\/oauth2/, '') ?? '/'
    return behind(request, response)
  }

  /** Form in, no secret: https://dev.twitch.tv/docs/authentication/revoke-tokens/ */
  async function revoke(request: IncomingMessage, response: ServerResponse) {
    const form = new URLSearchParams(await text(request))
    if (form.get('client_id') !== clientId)
      return json(response, 404, { status: 404, message: 'client does not exist' })
    const token = await provider.AccessToken.find(form.get('token') ?? '')
    if (token && fails('/oauth2/revoke', users.byId(token.accountId), response)) return
    if (!token) return json(response, 400, { status: 400, message: 'Invalid token' })
    store.endGrant(token.grantId)
    response.writeHead(200).end()
  }

  return {
    issuer,
    api: `${origin}/helix`,
    clientId,
    clientSecret,
    users,
    tokens: store,
    stop: () => closeServer(server),
  }
}

/** Lets a request go wrong in the way that is noted for its user, if any is. */
function fails(path: string, who: Bearer | Bearer['user'] | undefined, response: ServerResponse): boolean {
  const user = who && 'user' in who ? who.user : who
  const fault = user?.faults.get(path.split('/').at(-1) ?? '')
  if (fault === 'broken') response.writeHead(500).end('secret words')
  else if (fault === 'limited') response.writeHead(429).end('{}')
  else if (fault === 'nonsense') response.writeHead(200).end('<html>secret words</html>')
  else if (fault === 'elsewhere') response.writeHead(307, { Location: '/elsewhere' }).end()
  else if (fault === 'endless') response.writeHead(200).end('['.repeat(200_000))
  else if (fault === 'refused') json(response, 401, { error: 'Unauthorized', status: 401, message: 'no' })
  else if (fault === 'no-scope') json(response, 401, { status: 401, message: 'Missing scope: some' })
  else return false
  return true
}

async function bearerOf(
  provider: Provider,
  users: TwitchUsers,
  request: IncomingMessage,
): Promise<Bearer | undefined> {
  const value = /^(?:Bearer|OAuth) (.+)$/.exec(header(request, 'authorization') ?? '')?.[1]
  const token = value === undefined ? undefined : await provider.AccessToken.find(value)
  const user = token && users.byId(token.accountId)
  return token && user && { user, clientId: token.clientId, scopes: token.scopes }
}

/** https://dev.twitch.tv/docs/authentication/validate-tokens/ */
const validity = (bearer: Bearer | undefined): [number, unknown] =>
  bearer
    ? [
        200,
        {
          client_id: bearer.clientId,
          login: bearer.user.login,
          scopes: [...bearer.scopes],
          user_id: bearer.user.id,
          expires_in: 13_000,
        },
      ]
    : [401, { status: 401, message: 'invalid access token' }]

const header = (request: IncomingMessage, name: string): string | undefined =>
  [request.headers[name]].flat()[0]

const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
}
