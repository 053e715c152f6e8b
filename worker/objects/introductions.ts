import type { DeviceId } from '../../protocol/device'
import { MAX_INTRODUCTIONS } from '../../protocol/limits'
import { LIVE_SOCKET_MS, MAX_INTRODUCTION_DRAWS } from '../limits'
import { randomBelow } from '../random'
import type { RoomSockets } from './room-sockets'

/**
 * Random live members for `newcomer` to dial, of as many networks as there are: whoever owns one network must
 * not be everybody's only neighbour. Looks at `MAX_INTRODUCTION_DRAWS` sockets, however large the room is.
 */
export function introductions(sockets: RoomSockets, newcomer: DeviceId, now: number): DeviceId[] {
  const networks = new Set<string>()
  const preferred: DeviceId[] = []
  const others: DeviceId[] = []
  for (const socket of drawn(sockets.all(), MAX_INTRODUCTION_DRAWS)) {
    const member = sockets.memberOf(socket)
    if (!member || member.device === newcomer || now - sockets.seenAt(socket, member) >= LIVE_SOCKET_MS)
      continue
    const group = networks.has(member.network) ? others : preferred
    networks.add(member.network)
    group.push(member.device)
    if (preferred.length === MAX_INTRODUCTIONS) break
  }
  return [...preferred, ...others].slice(0, MAX_INTRODUCTIONS)
}

/** Up to `most` of `items` in random order (the beginning of a Fisher–Yates shuffle). */
function* drawn<T>(items: T[], most: number): Generator<T> {
  const rest = [...items]
  for (let draw = 0; draw < most && rest.length > 0; draw++) {
    const index = randomBelow(rest.length)
    const [item] = rest.slice(index, index + 1)
    const last = rest.pop()
    if (index < rest.length && last !== undefined) rest[index] = last
    if (item !== undefined) yield item
  }
}
