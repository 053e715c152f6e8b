import * as oauth from 'oauth4webapi'
import { twitchIdSchema } from '../../protocol/role'
import type { TwitchApp } from './app'
import { askTwitch, TwitchUnavailable } from './ask'

/** What we ask a viewer to let us read: who they are, and which channels they moderate. */
export const SCOPES = ['openid', 'user:read:moderated_channels'] as const

/** Twitch's endpoints (https://dev.twitch.tv/docs/authentication/getting-tokens-oidc/, …/revoke-tokens). */
export const serverOf = ({ issuer }: TwitchApp) => ({
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/keys`,
  revocation_endpoint: `${issuer}/revoke`,
})

export const clientOf = ({ clientId }: TwitchApp): oauth.Client => ({ client_id: clientId })

/** What the OAuth client sends. */
interface Outgoing {
  method: string
  headers: Record<string, string>
  body?: URLSearchParams | undefined
}

/** How every request of the OAuth client goes out. Plain HTTP only where the operator wrote it: on this machine. */
export const transportOf = ({ issuer }: TwitchApp) => ({
  [oauth.customFetch]: (url: string, { method, headers, body }: Outgoing) =>
    askTwitch(url, { method, headers, ...(body !== undefined && { body }) }),
  [oauth.allowInsecureRequests]: issuer.startsWith('http://127.0.0.1:'),
})

export interface Tokens {
  accessToken: string
  refreshToken: string
}

/** What binds one authorization to its answer. */
export interface Attempt {
  /** Where Twitch sends the viewer back to: ours, and known to Twitch. */
  redirectUri: string
  state: string
  nonce: string
  /** PKCE (RFC 7636). Twitch documents none and relies on our secret; whoever checks it finds it. */
  verifier: string
}

/** Where the viewer says yes or no. Asked each time: a page that only passes on would link without a question. */
export async function authorizationUrl(app: TwitchApp, attempt: Attempt): Promise<string> {
  const url = new URL(serverOf(app).authorization_endpoint)
  url.search = new URLSearchParams({
    client_id: app.clientId,
    redirect_uri: attempt.redirectUri,
    response_type: 'code',
    scope: SCOPES.join(' '),
    state: attempt.state,
    nonce: attempt.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(attempt.verifier),
    code_challenge_method: 'S256',
    force_verify: 'true',
  }).toString()
  return url.href
}

/** The viewer said no. */
export class TwitchDenied extends Error {
  override readonly name = 'TwitchDenied'
}

/**
 * Trades what came back for tokens and the numeric id of whoever said yes. Checked: state, issuer, the ID token's
 * signature, audience, time and nonce.
 * @throws TwitchDenied; TwitchUnavailable for whatever else is not as it should be.
 */
export async function exchangeCode(
  app: TwitchApp,
  callback: URLSearchParams,
  attempt: Attempt,
): Promise<{ userId: string; tokens: Tokens }> {
  const [server, client, transport] = [serverOf(app), clientOf(app), transportOf(app)]
  try {
    const parameters = oauth.validateAuthResponse(server, client, callback, attempt.state)
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      oauth.ClientSecretPost(app.clientSecret),
      parameters,
      attempt.redirectUri,
      attempt.verifier,
      transport,
    )
    const answer = await oauth.processAuthorizationCodeResponse(server, client, response, {
      expectedNonce: attempt.nonce,
      requireIdToken: true,
    })
    await oauth.validateApplicationLevelSignature(server, response, transport)
    const userId = twitchIdSchema.parse(oauth.getValidatedIdTokenClaims(answer)?.sub)
    if (answer.refresh_token === undefined) throw new TwitchUnavailable('no refresh token')
    return { userId, tokens: { accessToken: answer.access_token, refreshToken: answer.refresh_token } }
  } catch (error) {
    if (error instanceof TwitchUnavailable) throw error
    if (error instanceof oauth.AuthorizationResponseError && error.error === 'access_denied')
      throw new TwitchDenied()
    throw new TwitchUnavailable(reasonOf(error))
  }
}

/** The library's code for what was wrong; its messages may quote what was answered. */
export const reasonOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unexpected'
