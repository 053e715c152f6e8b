import type { IceServers } from '../../protocol/api'
import type { AccountId } from '../../protocol/device'
import { keyedHash } from '../auth/keyed-hash'
import { type Env, wordsOf } from '../env'
import { DAY_MS, RELAY_LIFETIME_MS, RELAY_RETRY_MS } from '../limits'
import { logRelayUnavailable } from '../log'
import { cloudflareTurn, RelayUnavailable } from './cloudflare-turn'
import { turnCredentials } from './turn-credentials'

interface RelayGrant {
  servers: IceServers
  /** When to ask again at the latest (ms). */
  expiresAt: number
}

type RelayEnv = Pick<
  Env,
  'PEPPER' | 'TURN_URLS' | 'TURN_SECRET' | 'TURN_KEY_ID' | 'TURN_KEY_TOKEN' | 'TURN_API'
>

/**
 * The TURN servers that `account` may use for an hour: the operator's own coturn, else Cloudflare's, else none. A
 * member without a relay still gets through by the room object, so a relay that fails is logged and left out, and
 * asked for again soon.
 */
export async function relayGrant(env: RelayEnv, account: AccountId, now: number): Promise<RelayGrant> {
  try {
    const expires = Math.floor((now + RELAY_LIFETIME_MS) / 1000)
    return { servers: await relays(env, account, { now, expires }), expiresAt: expires * 1000 }
  } catch (error) {
    if (!(error instanceof RelayUnavailable)) throw error
    logRelayUnavailable(error.message)
    return { servers: [], expiresAt: now + RELAY_RETRY_MS }
  }
}

async function relays(
  env: RelayEnv,
  account: AccountId,
  { now, expires }: { now: number; expires: number },
): Promise<IceServers> {
  const { TURN_SECRET = '', TURN_KEY_TOKEN = '' } = env
  const urls = wordsOf(env.TURN_URLS)
  if (urls.length > 0) {
    if (TURN_SECRET === '') throw new RelayUnavailable('TURN_URLS without TURN_SECRET')
    // The relay sees the name: it tells two members apart for a day, and says nothing of who they are.
    const pseudonym = await keyedHash(env.PEPPER, 'relay', account, String(Math.floor(now / DAY_MS)))
    return [{ urls, ...(await turnCredentials(TURN_SECRET, pseudonym.slice(0, 16), expires)) }]
  }
  if (env.TURN_KEY_ID !== '') {
    if (TURN_KEY_TOKEN === '') throw new RelayUnavailable('TURN_KEY_ID without TURN_KEY_TOKEN')
    return cloudflareTurn(
      { api: env.TURN_API, id: env.TURN_KEY_ID, token: TURN_KEY_TOKEN },
      RELAY_LIFETIME_MS / 1000,
    )
  }
  return []
}
