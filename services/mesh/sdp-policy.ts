import { MAX_SDP_BYTES } from '../../protocol/limits'
import { type Candidate, parseCandidate, writeCandidate } from './candidate'
import { isPublicAddress } from './public-address'
import { parseDataSdp, writeDataSdp } from './sdp'
import type { IcePolicy } from './way'

/** Candidates that one description may bring: each is an address that ICE knocks at. */
const MAX_CANDIDATES = { all: 24, relay: 8 } as const

/**
 * The description of ours that may leave the browser. It is written anew from what a data channel needs, so nothing else
 * gets out, whatever a browser puts in. Under `relay` no address but those of TURN relays is in it. `undefined`: it cannot
 * be read or names no way to us, and must not be sent.
 */
export function localSdp(sdp: string, policy: IcePolicy): string | undefined {
  return rewrite(sdp, policy, () => true)
}

/**
 * The peer's description as our browser may see it. Under `relay` only relays are left, and none in a private network:
 * our TURN server shall not knock at doors there for somebody. `isTurnLocal`: our TURN server itself stands in one.
 */
export function remoteSdp(sdp: string, policy: IcePolicy, isTurnLocal = false): string | undefined {
  return rewrite(sdp, policy, ({ address }) => policy === 'all' || isTurnLocal || isPublicAddress(address))
}

function rewrite(
  sdp: string,
  policy: IcePolicy,
  isWelcome: (candidate: Candidate) => boolean,
): string | undefined {
  const parsed = parseDataSdp(sdp)
  if (!parsed) return undefined
  const candidates = parsed.candidates
    .flatMap((line) => parseCandidate(line) ?? [])
    .filter((candidate) => (policy === 'all' || candidate.type === 'relay') && isWelcome(candidate))
    .slice(0, MAX_CANDIDATES[policy])
  for (;;) {
    if (candidates.length === 0) return undefined
    const written = writeDataSdp({ ...parsed, candidates: writeCandidates(candidates) })
    if (written.length <= MAX_SDP_BYTES) return written
    candidates.splice(leastUseful(candidates), 1)
  }
}

/** Machines with many interfaces have more of themselves than fits. */
function leastUseful(candidates: readonly Candidate[]): number {
  const host = candidates.findLastIndex(({ type }) => type === 'host')
  return host >= 0 ? host : candidates.length - 1
}

/** Foundations are numbered anew: browsers compute them from addresses. */
function writeCandidates(candidates: readonly Candidate[]): string[] {
  const foundations = [...new Set(candidates.map(({ foundation }) => foundation))]
  return candidates.map((candidate) =>
    writeCandidate({ ...candidate, foundation: String(foundations.indexOf(candidate.foundation) + 1) }),
  )
}
