import * as oauth from 'oauth4webapi'
import { LOGIN_PATTERN } from '../../protocol/login'
import { twitchIdSchema } from '../../protocol/role'
import { z } from '../../protocol/schema'
import type { TwitchApp } from './app'
import { askTwitch, jsonOf, TwitchUnavailable } from './ask'
import { clientOf, reasonOf, serverOf, type Tokens, transportOf } from './oauth'

const refusalSchema = z.object({ error: z.string().optional(), message: z.string().optional() })

/**
 * New tokens for a refresh token; `undefined` if Twitch takes it no more, because the viewer disconnected us or changed
 * the password (https://dev.twitch.tv/docs/authentication/refresh-tokens/).
 * @throws TwitchUnavailable for anything else, our own credentials being wrong among it.
 */
export async function refresh(app: TwitchApp, refreshToken: string): Promise<Tokens | undefined> {
  const [server, client] = [serverOf(app), clientOf(app)]
  const response = await oauth.refreshTokenGrantRequest(
    server,
    client,
    oauth.ClientSecretPost(app.clientSecret),
    refreshToken,
    transportOf(app),
  )
  if (response.status === 400 || response.status === 401) {
    const { error, message = '' } = await jsonOf(response, refusalSchema)
    // RFC 6749's word, and Twitch's.
    if (error === 'invalid_grant' || /^invalid refresh token$/i.test(message)) return undefined
    throw new TwitchUnavailable(`refresh: status ${response.status}`)
  }
  try {
    const answer = await oauth.processRefreshTokenResponse(server, client, response)
    return { accessToken: answer.access_token, refreshToken: answer.refresh_token ?? refreshToken }
  } catch (error) {
    throw new TwitchUnavailable(reasonOf(error))
  }
}

const validSchema = z.object({
  client_id: z.string(),
  user_id: twitchIdSchema,
  login: z.string().regex(LOGIN_PATTERN),
})

/**
 * Whose token it is, if it still counts (https://dev.twitch.tv/docs/authentication/validate-tokens/).
 * @throws TwitchUnavailable
 */
export async function validate(
  app: TwitchApp,
  accessToken: string,
): Promise<{ userId: string; login: string } | undefined> {
  const response = await askTwitch(`${app.issuer}/validate`, {
    headers: { Authorization: `OAuth ${accessToken}` },
  })
  if (response.status === 401) return undefined
  if (!response.ok) throw new TwitchUnavailable(`validate: status ${response.status}`)
  const { client_id, user_id, login } = await jsonOf(response, validSchema)
  return client_id === app.clientId ? { userId: user_id, login } : undefined
}

/** Takes a token back; whether it still counted (RFC 7009 as Twitch has it: without our secret). @throws TwitchUnavailable */
export async function revoke(app: TwitchApp, accessToken: string): Promise<boolean> {
  const response = await oauth.revocationRequest(
    serverOf(app),
    clientOf(app),
    oauth.None(),
    accessToken,
    transportOf(app),
  )
  if (response.ok) return true
  if (response.status === 400) return false
  throw new TwitchUnavailable(`revoke: status ${response.status}`)
}
