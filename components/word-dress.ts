import type { InjectionKey, Ref, VNodeChild } from 'vue'

/** How a word shows: `undefined` as the text it is, `null` not at all, because one before it shows it along with itself. */
export type Dressed = VNodeChild

/**
 * Gives words of a message another look, such as an emote's; an entry for each of them. Asked for every message that comes
 * into view, so it must be quick, and it reads nothing but what is reactive. `words` hold no white space and no links.
 * `isWhole`: they are all there is in the message.
 */
export type WordDress = (words: readonly string[], isWhole?: boolean) => readonly Dressed[]

/** What dresses words where messages are shown; where two know a word the first counts. */
export const wordDressesKey: InjectionKey<Readonly<Ref<readonly WordDress[]>>> = Symbol('word dresses')

/** `text` with its white space as it was, and its words as the first of `dresses` that knows them shows them. */
export function dressText(text: string, dresses: readonly WordDress[], isWhole = false): VNodeChild[] {
  if (dresses.length === 0) return [text]
  // Words are at the odd places, what is between them at the even ones.
  const pieces = text.split(/(\S+)/u)
  const words = pieces.filter((_, place) => place % 2 === 1)
  const looks = dresses.map((dress) => dress(words, isWhole))
  const nodes: VNodeChild[] = []
  let plain = ''
  for (const [place, piece] of pieces.entries()) {
    const index = (place - 1) / 2
    const look = place % 2 === 0 ? undefined : looks.find((dressed) => dressed[index] !== undefined)?.[index]
    if (look === undefined) plain += piece
    // The space in front of a word that does not show goes with it.
    else if (look === null) plain = plain.trimEnd()
    else {
      if (plain !== '') nodes.push(plain)
      plain = ''
      nodes.push(look)
    }
  }
  if (plain !== '') nodes.push(plain)
  return nodes
}
