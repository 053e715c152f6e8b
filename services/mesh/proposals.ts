import type { IceServers } from '../../protocol/api'
import type { Signal } from '../../protocol/signal'
import { isTurnLocal } from './ice-servers'
import type { Proposal } from './link'
import { localSdp, remoteSdp } from './sdp-policy'
import type { Way } from './way'

/** What of our proposal may leave on this way; `undefined`: nothing. */
export function released(proposal: Proposal | undefined, way: Way): Proposal | undefined {
  if (proposal?.via === 'hub') return way.via === 'hub' ? proposal : undefined
  const sdp = proposal && way.via === 'rtc' ? localSdp(proposal.sdp, way.policy) : undefined
  return sdp === undefined ? undefined : { via: 'rtc', sdp }
}

/** What of the peer's proposal is acted on; `undefined`: it does not go this way, or holds nothing of use. */
export function admitted(signal: Signal, way: Way, servers: IceServers): Proposal | undefined {
  if (signal.via === 'hub')
    return way.via === 'hub' ? { via: 'hub', key: new Uint8Array(signal.key) } : undefined
  const sdp = way.via === 'rtc' ? remoteSdp(signal.sdp, way.policy, isTurnLocal(servers)) : undefined
  return sdp === undefined ? undefined : { via: 'rtc', sdp }
}
