interface Timed {
  readonly id: string
  readonly ms: number
}

/**
 * `list` with `added` in order of time, without the oldest beyond `limit`. One with a known id takes the
 * place of its predecessor. What shares a millisecond keeps the order of arrival, which is the host's.
 */
export function withNewest<T extends Timed>(list: readonly T[], added: readonly T[], limit: number): T[] {
  const merged = list.slice()
  const places = new Map(merged.map((one, place) => [one.id, place]))
  const fresh = new Map<string, T>()
  for (const one of added) {
    const place = places.get(one.id)
    if (place === undefined) fresh.set(one.id, one)
    else merged[place] = one
  }
  for (const one of fresh.values()) merged.splice(placeOf(merged, one.ms), 0, one)
  return merged.length > limit ? merged.slice(-limit) : merged
}

/** Behind everything as old as `ms`. From the end, because nearly all of it is new. */
function placeOf(list: readonly Timed[], ms: number): number {
  let place = list.length
  while (place > 0 && (list[place - 1]?.ms ?? 0) > ms) place -= 1
  return place
}
