/**
 * `list` with `added` in order, without the first beyond `limit`. One with a known id takes the place of its
 * predecessor; what `compare` calls equal keeps the order of arrival.
 */
export function withNewest<T extends { readonly id: string }>(
  list: readonly T[],
  added: readonly T[],
  compare: (a: T, b: T) => number,
  limit: number,
): T[] {
  const merged = list.slice()
  const places = new Map(merged.map((one, place) => [one.id, place]))
  const fresh = new Map<string, T>()
  for (const one of added) {
    const place = places.get(one.id)
    if (place === undefined) fresh.set(one.id, one)
    else merged[place] = one
  }
  for (const one of fresh.values()) merged.splice(placeOf(merged, one, compare), 0, one)
  return merged.length > limit ? merged.slice(-limit) : merged
}

/** From the end, because nearly all of it is new. */
function placeOf<T>(list: readonly T[], one: T, compare: (a: T, b: T) => number): number {
  let place = list.length
  for (let before = list[place - 1]; before && compare(before, one) > 0; before = list[place - 1]) place -= 1
  return place
}
