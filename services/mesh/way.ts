/** What ICE may use: every candidate, or TURN alone. */
export type IcePolicy = 'all' | 'relay'

/** How a pair of members gets connected. */
export type Way = { readonly via: 'rtc'; readonly policy: IcePolicy } | { readonly via: 'hub' }

interface Standing {
  /** Whether we agree to direct links. */
  ourDirect: boolean
  /** Whether the peer does; `undefined`: it is not known, which is no. */
  theirDirect: boolean | undefined
  /** Whether we have a TURN server. */
  hasTurn: boolean
}

/**
 * Which policy both ends' terms leave for a WebRTC link; `undefined`: none. An address is shown only to one who shows
 * theirs: without the word of both, TURN or nothing.
 */
export function icePolicy({ ourDirect, theirDirect, hasTurn }: Standing): IcePolicy | undefined {
  if (ourDirect && theirDirect === true) return 'all'
  return hasTurn ? 'relay' : undefined
}

/** How to offer a link. `hasRtcFailed`: WebRTC did not get through to this peer lately. */
export function wayToOffer(standing: Standing, hasRtcFailed: boolean): Way {
  const policy = hasRtcFailed ? undefined : icePolicy(standing)
  return policy ? { via: 'rtc', policy } : { via: 'hub' }
}

const rank = (way: Way) => (way.via === 'hub' ? 0 : way.policy === 'relay' ? 1 : 2)

/** Whether `way` is faster and costs the server less than `other`. */
export const isBetterWay = (way: Way, other: Way): boolean => rank(way) > rank(other)
