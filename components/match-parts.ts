import { searchable } from '../protocol/text-search'

interface Part {
  text: string
  isMatch: boolean
}

/** What is shown in front of the first match, where a text is long (letters). */
const LEAD = 40

/** A text in parts: those that a search for `words` (as `searchWords` gives them) found in it, and those between. */
export function matchParts(text: string, words: readonly string[]): Part[] {
  // With the marks on them: these are nothing to a search, and belong to what it found.
  const letters = text.match(/\P{M}\p{M}*|\p{M}+/gu) ?? []
  // A letter may be several to a search, or none: each of those knows which letter it is of.
  const places: number[] = []
  let folded = ''
  for (const [index, letter] of letters.entries()) {
    const seen = searchable(letter)
    folded += seen
    for (let count = 0; count < seen.length; count += 1) places.push(index)
  }
  const isFound = letters.map(() => false)
  for (const word of words)
    for (let at = folded.indexOf(word); at >= 0; at = folded.indexOf(word, at + word.length))
      for (let place = at; place < at + word.length; place += 1) isFound[places[place] ?? 0] = true

  const first = isFound.indexOf(true)
  const from = first > 2 * LEAD ? first - LEAD : 0
  const parts: Part[] = from > 0 ? [{ text: '… ', isMatch: false }] : []
  for (let index = from; index < letters.length; index += 1) {
    const letter = letters[index] ?? ''
    const isMatch = isFound[index] === true
    const last = parts.at(-1)
    if (last && last.isMatch === isMatch) last.text += letter
    else parts.push({ text: letter, isMatch })
  }
  return parts
}
