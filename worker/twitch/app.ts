import { canSeal } from './sealing'

/** Our application as Twitch knows it, and where Twitch is: elsewhere only for tests and on developers' machines. */
export interface TwitchApp {
  /** `iss` of its ID tokens, and the base of all that concerns tokens. */
  issuer: string
  /** The base of Helix, Twitch's API. */
  api: string
  clientId: string
  clientSecret: string
}

/** What it takes of the environment. */
export interface TwitchEnv {
  TWITCH_CLIENT_ID: string
  TWITCH_CLIENT_SECRET?: string
  TWITCH_ISSUER: string
  TWITCH_API: string
  SEALING_KEYS?: string
}

/** `undefined` where the operator has set no linking up, or set it up wrong. */
export function twitchApp(env: TwitchEnv): TwitchApp | undefined {
  const { TWITCH_CLIENT_ID: clientId, TWITCH_CLIENT_SECRET: clientSecret = '', SEALING_KEYS = '' } = env
  if (clientId === '' || clientSecret === '' || !canSeal(SEALING_KEYS)) return undefined
  return { issuer: env.TWITCH_ISSUER, api: env.TWITCH_API, clientId, clientSecret }
}
