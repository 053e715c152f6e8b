/** A sign in front of what may be a name, and what may stand in front of that. */
const CALLED = /^([^\p{L}\p{M}\p{N}@]{0,10})@([\p{L}\p{M}\p{N}_.-]{1,100})/u
/** Names may end so, and sentences, too. */
const ENDS = /[._-]$/

/** `@Name` in a word. */
export interface MentionedName {
  readonly before: string
  /** Without the sign. */
  readonly name: string
  readonly after: string
}

/** Names as they are compared: no two differ by case alone. */
export const foldedName = (name: string): string => name.normalize('NFC').toLowerCase()

/** The name that `word` mentions, of those that `isName` knows by their folded form. */
export function mentionIn(word: string, isName: (folded: string) => boolean): MentionedName | undefined {
  if (!word.includes('@')) return undefined
  const [, before = '', called = ''] = CALLED.exec(word) ?? []
  for (let name = called; name !== ''; name = name.slice(0, -1)) {
    if (isName(foldedName(name))) return { before, name, after: word.slice(before.length + 1 + name.length) }
    if (!ENDS.test(name)) return undefined
  }
  return undefined
}

/** Whether a text mentions somebody by `name`. */
export function mentions(text: string, name: string): boolean {
  const folded = foldedName(name)
  return text.includes('@') && text.split(/\s+/u).some((word) => mentionIn(word, (one) => one === folded))
}

/** Finds whole words and phrases in texts, whatever their case; nothing where there are none to find. */
export function wordFinder(words: readonly string[]): (text: string) => boolean {
  if (words.length === 0) return () => false
  const any = words.map((word) => word.normalize('NFC').replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('|')
  const pattern = new RegExp(`(?<![\\p{L}\\p{M}\\p{N}])(?:${any})(?![\\p{L}\\p{M}\\p{N}])`, 'iu')
  return (text) => pattern.test(text.normalize('NFC'))
}
