import type { IceServers } from '../../protocol/api'
import { z } from '../../protocol/schema'
import { boundedText } from './bounded-text'

/** Beyond this (ms) a member is better served without a relay. */
export const CLOUDFLARE_DEADLINE_MS = 5_000
const MAX_ANSWER_BYTES = 16_384

const answerSchema = z.object({
  iceServers: z
    .array(
      z.object({
        urls: z.array(z.string().max(256)).max(16),
        username: z.string().min(1).max(512).optional(),
        credential: z.string().min(1).max(512).optional(),
      }),
    )
    .max(8),
})

/** Why there are no servers. Goes into the log, so it never holds what was sent or answered. */
export class RelayUnavailable extends Error {
  override readonly name = 'RelayUnavailable'
}

interface TurnKey {
  /** The API without its path, `https://rtc.live.cloudflare.com` but for tests. */
  api: string
  id: string
  /** The key's secret. */
  token: string
}

/**
 * Cloudflare's TURN servers with credentials that hold for `ttl` seconds from now
 * (https://developers.cloudflare.com/realtime/turn/generate-credentials/). Only the relays: which STUN servers
 * members ask is the operator's choice.
 * @throws RelayUnavailable for an error, `deadline` ms without a whole answer, or one that names no relay.
 */
export async function cloudflareTurn(
  { api, id, token }: TurnKey,
  ttl: number,
  deadline = CLOUDFLARE_DEADLINE_MS,
): Promise<IceServers> {
  const url = `${api}/v1/turn/keys/${encodeURIComponent(id)}/credentials/generate-ice-servers`
  const signal = AbortSignal.timeout(deadline)
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ ttl }),
      // Whoever we would be sent to has no business with the token.
      redirect: 'manual',
      signal,
    })
    if (!response.ok) {
      await response.body?.cancel()
      throw new RelayUnavailable(`status ${response.status}`)
    }
    return relaysIn(await boundedText(response, MAX_ANSWER_BYTES))
  } catch (error) {
    if (error instanceof RelayUnavailable) throw error
    throw new RelayUnavailable(signal.aborted ? 'too slow' : 'unreachable')
  }
}

function relaysIn(body: string | undefined): IceServers {
  const { data } = answerSchema.safeParse(parsed(body))
  const servers = (data?.iceServers ?? []).flatMap(({ urls, username, credential }) => {
    const relays = urls.filter(isRelay)
    if (relays.length === 0 || username === undefined || credential === undefined) return []
    return [{ urls: relays, username, credential }]
  })
  if (servers.length === 0) throw new RelayUnavailable('no relay in the answer')
  return servers
}

/** A `turn:` or `turns:` URL (RFC 7065), but on port 53: browsers block that one, and only wait for it in vain. */
const isRelay = (url: string) =>
  /^turns?:[^\s:?]+(:\d{1,5})?(\?transport=(udp|tcp))?$/.test(url) && !/:53(\?|$)/.test(url)

function parsed(body: string | undefined): unknown {
  try {
    return JSON.parse(body ?? '')
  } catch {
    return undefined
  }
}
