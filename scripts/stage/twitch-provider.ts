/// <reference path="./oidc-provider.d.ts" />
import { randomBytes } from 'node:crypto'
import { exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose'
import { type Context, Provider } from 'oidc-provider'
import { TokenStore } from './token-store.ts'
import type { TwitchUsers } from './twitch-users.ts'

export const TWITCH_SCOPES = ['openid', 'user:read:moderated_channels'] as const

export interface ProviderOptions {
  issuer: string
  clientId: string
  clientSecret: string
  redirectUris: readonly string[]
  users: TwitchUsers
}

/**
 * A real OpenID provider that answers like Twitch's: `scope` as an array, a refresh token with every code, and errors in
 * Twitch's own shape. It checks PKCE, which Twitch does not.
 */
export async function twitchProvider({
  issuer,
  clientId,
  clientSecret,
  redirectUris,
  users,
}: ProviderOptions) {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true })
  const { privateKey: strange } = await generateKeyPair('RS256')
  const store = new TokenStore()
  const provider = new Provider(issuer, {
    adapter: store.adapter,
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: redirectUris,
        grant_types: ['authorization_code', 'refresh_token'],
        token_endpoint_auth_method: 'client_secret_post',
        // Any scheme and host, as the operator registers it.
        application_type: 'native',
      },
    ],
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: 'stage', use: 'sig', alg: 'RS256' }] },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    features: { devInteractions: { enabled: false } },
    pkce: { required: () => false },
    scopes: [...TWITCH_SCOPES],
    claims: { openid: ['sub', 'preferred_username'] },
    conformIdTokenClaims: false,
    issueRefreshToken: () => true,
    rotateRefreshToken: false,
    // As `force_verify` has it: asked each time.
    loadExistingGrant: async (ctx: LoadContext) => {
      const { provider: of, result } = ctx.oidc
      return result?.consent ? of.Grant.find(result.consent.grantId) : undefined
    },
    // Whoever comes again may be somebody else.
    ttl: {
      Session: 60,
      AccessToken: 4 * 3_600,
      RefreshToken: 30 * 86_400,
      Grant: 30 * 86_400,
      Interaction: 600,
      IdToken: 900,
      AuthorizationCode: 60,
    },
    interactions: {
      url: (_: unknown, { uid }: { uid: string }) => `${new URL(issuer).pathname}/interaction/${uid}`,
    },
    findAccount: (_: unknown, id: string) => {
      const user = users.byId(id)
      const claims = () => ({ sub: id, preferred_username: user?.displayName })
      return user && { accountId: id, claims }
    },
    routes: {
      authorization: '/authorize',
      token: '/token',
      jwks: '/keys',
      userinfo: '/userinfo',
    },
  })

  /** An ID token with something wrong about it. */
  async function spoilt(jwt: string, fault: string): Promise<string | undefined> {
    const { payload } = await jwtVerify(jwt, publicKey)
    const now = Math.floor(Date.now() / 1000)
    const { nonce, ...rest } = payload
    const wrong: Record<string, object> = {
      'no-nonce': rest,
      'other-nonce': { ...payload, nonce: 'another' },
      'other-audience': { ...payload, aud: 'another' },
      'other-issuer': { ...payload, iss: 'https://elsewhere.test' },
      'expired-id': { ...payload, exp: now - 3_600, iat: now - 7_200 },
      'strange-subject': { ...payload, sub: 'not-a-number' },
      'strange-key': payload,
    }
    const claims = wrong[fault]
    const header = { alg: 'RS256', kid: 'stage' }
    return (
      claims &&
      new SignJWT({ ...claims })
        .setProtectedHeader(header)
        .sign(fault === 'strange-key' ? strange : privateKey)
    )
  }

  provider.use(async (ctx, next) => {
    await next()
    if (ctx.oidc?.route !== 'token' || !isRecord(ctx.body)) return
    if (ctx.status === 400 && ctx.oidc.params?.grant_type === 'refresh_token') {
      ctx.body = { error: 'Bad Request', status: 400, message: 'Invalid refresh token' }
      return
    }
    const { scope, id_token: idToken, ...rest } = ctx.body
    if (typeof scope !== 'string') return
    const fault = faultOf(ctx, users)
    const spoiltToken = typeof idToken === 'string' ? await spoilt(idToken, fault) : undefined
    const shownToken = fault === 'no-id-token' ? undefined : (spoiltToken ?? idToken)
    if (fault === 'no-refresh-token') delete rest.refresh_token
    ctx.body = {
      ...rest,
      ...(shownToken !== undefined && { id_token: shownToken }),
      token_type: 'bearer',
      scope: scope.split(' '),
    }
  })
  return { provider, store }
}

interface LoadContext {
  oidc: {
    provider: { Grant: { find(id: string): Promise<unknown> } }
    result?: { consent?: { grantId: string } }
  }
}

const faultOf = ({ oidc }: Context, users: TwitchUsers): string =>
  users.byId(oidc?.entities.Account?.accountId ?? '')?.faults.get('token') ?? ''

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
