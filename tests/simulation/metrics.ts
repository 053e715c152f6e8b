import type { Broadcast } from './engine/broadcasts'
import type { Member } from './engine/member'

/** Payloads beyond the one that each member needs, per member: Plumtree's relative message redundancy. */
export function redundancy(broadcasts: readonly Broadcast[], members: number): number {
  const payloads = broadcasts.reduce((sum, broadcast) => sum + broadcast.payloads, 0)
  return payloads / broadcasts.length / (members - 1) - 1
}

/** Of all pairs of a broadcast and a member that should have it, those where it took longer than `withinMs`, or forever. */
export function shortfall(
  broadcasts: readonly Broadcast[],
  expects: (broadcast: Broadcast) => readonly Member[],
  withinMs = Number.POSITIVE_INFINITY,
): { pairs: number; late: number } {
  let pairs = 0
  let late = 0
  for (const broadcast of broadcasts)
    for (const member of expects(broadcast)) {
      pairs++
      const delay = broadcast.delayTo(member.index)
      if (delay === Number.POSITIVE_INFINITY || delay > withinMs) late++
    }
  return { pairs, late }
}

/** Links that both ends' overlays count as theirs. */
export const degreeOf = (member: Member): number => member.state.links.size

/** Members that reach each other over links, largest group first. */
export function components(members: readonly Member[]): Member[][] {
  const byDevice = new Map(members.map((member) => [member.device, member]))
  const groups: Member[][] = []
  for (const start of members) {
    if (!byDevice.delete(start.device)) continue
    const group = [start]
    for (const member of group)
      for (const device of member.state.links.keys()) {
        const other = byDevice.get(device)
        if (!other?.state.links.has(member.device)) continue
        byDevice.delete(device)
        group.push(other)
      }
    groups.push(group)
  }
  return groups.sort((a, b) => b.length - a.length)
}

export const isConnected = (members: readonly Member[]): boolean => components(members).length <= 1

/** The value that `share` of `values` do not exceed; 0 for none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
}

export const median = (values: readonly number[]): number => percentile(values, 0.5)

export const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length

/** Bytes that all present members have sent, with the pings that kept their links awake. */
export function bytesSent(members: readonly Member[]): number {
  let sum = 0
  for (const member of members) {
    for (const wire of member.wires.values()) wire.accountPings(member)
    sum += member.sentBytes
  }
  return sum
}
