import { MAX_NAME_BYTES, MAX_NAME_GRAPHEMES, MIN_NAME_GRAPHEMES } from './limits'

/**
 * What keeps a text from being a display name, for both ends; free of any schema, so that pages stay light.
 * - `address`: holds an `@`. Names are public, addresses are not.
 * - `characters`: something other than letters, marks, digits, `_`, `-` and `.`; or invisible, or not in NFC, or
 *   more marks on a letter than any language writes.
 * - `letterless`: nothing in it is a letter.
 */
export type NameFault = 'too-short' | 'too-long' | 'address' | 'characters' | 'letterless'

/** No white space, symbols, emoji, controls, marks of direction (`Cf`) or enclosing marks (`Me`). */
const ALLOWED = /^[\p{L}\p{Mn}\p{Mc}\p{N}_.-]+$/u
/** Some letters and marks show nothing: U+3164, U+115F, U+034F, variation selectors. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/u
/** Of a decomposed name: a mark on nothing, more than four in a row, or the same twice (UTS #39 §5.4). */
const MISPLACED_MARKS = /(?:^|[_.-])\p{M}|\p{Mn}{5}|(\p{Mn})\1/u
/** An `@` in any of its forms: U+0040, U+FE6B, U+FF20. */
const AT_SIGN = /[@\ufe6b\uff20]/

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' })

/**
 * Why `name` cannot be a display name, as far as the name alone tells; `null` if it can. Whether it is reserved or
 * somebody else's is the Worker's to say.
 */
export function nameFault(name: string): NameFault | null {
  if (AT_SIGN.test(name)) return 'address'
  if (name.length > MAX_NAME_BYTES || new TextEncoder().encode(name).length > MAX_NAME_BYTES)
    return 'too-long'
  const count = [...graphemes.segment(name)].length
  if (count > MAX_NAME_GRAPHEMES) return 'too-long'
  if (name !== '' && !isWritable(name)) return 'characters'
  if (count < MIN_NAME_GRAPHEMES) return 'too-short'
  return /\p{L}/u.test(name) ? null : 'letterless'
}

const isWritable = (name: string) =>
  ALLOWED.test(name) &&
  !INVISIBLE.test(name) &&
  name === name.normalize('NFC') &&
  !MISPLACED_MARKS.test(name.normalize('NFD'))

/** What a viewer typed, as it would be a name: in NFC, without white space around it. */
export const tidyName = (text: string): string => text.trim().normalize('NFC')
