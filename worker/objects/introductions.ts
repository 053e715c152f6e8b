import type { DeviceId } from '../../protocol/device'
import { MAX_INTRODUCTIONS } from '../../protocol/limits'
import type { Introduction } from '../../protocol/room-socket'
import { LIVE_SOCKET_MS, MAX_INTRODUCTION_DRAWS } from '../limits'
import { randomBelow } from '../random'
import type { RoomSockets } from './room-sockets'

/**
 * Random live members for `newcomer` to dial, of as many networks as there are: whoever owns one network must
 * not be everybody's only neighbour. Looks at `MAX_INTRODUCTION_DRAWS` sockets, however large the room is.
 */
export function introductions(sockets: RoomSockets, newcomer: DeviceId, now: number): Introduction[] {
  const networks = new Set<string>()
  const preferred: Introduction[] = []
  const others: Introduction[] = []
  for (const socket of drawn(sockets.all(), MAX_INTRODUCTION_DRAWS)) {
    const member = sockets.memberOf(socket)
    if (!member || member.device === newcomer || now - sockets.seenAt(socket, member) >= LIVE_SOCKET_MS)
      continue
    const group = networks.has(member.network) ? others : preferred
    networks.add(member.network)
    group.push({ device: member.device, direct: member.direct })
    if (preferred.length === MAX_INTRODUCTIONS) break
  }
  return [...preferred, ...others].slice(0, MAX_INTRODUCTIONS)
}

/** Up to `most` of `items` in random order: the beginning of a Fisher–Yates shuffle, without touching the rest. */
function* drawn<T>(items: readonly T[], most: number): Generator<T> {
  const swapped = new Map<number, number>()
  for (let draw = 0; draw < Math.min(most, items.length); draw++) {
    const index = draw + randomBelow(items.length - draw)
    const item = items[swapped.get(index) ?? index]
    swapped.set(index, swapped.get(draw) ?? draw)
    if (item !== undefined) yield item
  }
}
