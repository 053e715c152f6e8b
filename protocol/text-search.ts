/** How much of a query counts: more words find nothing that people look for. */
const MAX_WORDS = 8
const MAX_QUERY_LENGTH = 200

/**
 * Text as a search sees it: compatibility forms taken apart, without marks (UAX #15, NFKD), in capitals, because those
 * know one sigma and write ß as SS.
 */
export const searchable = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toUpperCase()

/** The words of a query, as a search sees them; none for one of white space alone. */
export const searchWords = (query: string): readonly string[] =>
  searchable(query.slice(0, MAX_QUERY_LENGTH)).split(/\s+/u).filter(Boolean).slice(0, MAX_WORDS)

/** Whether each of `words` is in one of the `texts`. Nothing is found without words. */
export function isMatch(words: readonly string[], texts: readonly string[]): boolean {
  const folded = texts.map(searchable)
  return words.length > 0 && words.every((word) => folded.some((text) => text.includes(word)))
}

/** Of `list`, oldest first, those with a match in their texts: the newest first, at most `limit`; `more`: there are others. */
export function newestMatching<T>(
  list: readonly T[],
  textsOf: (one: T) => readonly string[],
  words: readonly string[],
  limit: number,
): { messages: T[]; more: boolean } {
  const found: T[] = []
  for (let place = list.length - 1; place >= 0; place -= 1) {
    const one = list[place]
    if (one === undefined || !isMatch(words, textsOf(one))) continue
    if (found.length >= limit) return { messages: found, more: true }
    found.push(one)
  }
  return { messages: found, more: false }
}
