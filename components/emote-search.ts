import type { FoundEmote } from '../stores/emotes'
import { type Emoji, rank } from './emoji'

/** Something that can be picked: an emote or an emoji. */
export type Choice =
  | { readonly text: string; readonly emote: FoundEmote }
  | { readonly text: string; readonly emoji: Emoji }

export const emoteChoice = (emote: FoundEmote): Choice => ({ text: emote.code, emote })
export const emojiChoice = (emoji: Emoji): Choice => ({ text: emoji.text, emoji })

export const nameOf = (choice: Choice): string =>
  'emote' in choice ? choice.emote.code : `:${choice.emoji.name}:`

/** What is found by `query`, the likeliest first; among equals emotes before emoji, and the shorter name first. */
export function search(
  query: string,
  emotes: Iterable<FoundEmote>,
  emoji: readonly (readonly Emoji[])[],
  limit: number,
): Choice[] {
  const wanted = query.trim().toLowerCase()
  if (wanted === '') return []
  const found: { choice: Choice; order: number; length: number }[] = []
  for (const emote of emotes) {
    const place = rank(wanted, emote.code.toLowerCase())
    if (place !== undefined)
      found.push({ choice: emoteChoice(emote), order: place * 2, length: emote.code.length })
  }
  for (const one of emoji.flat()) {
    const place = rank(wanted, one.name, one.words)
    if (place !== undefined)
      found.push({ choice: emojiChoice(one), order: place * 2 + 1, length: one.name.length })
  }
  return found
    .sort((a, b) => a.order - b.order || a.length - b.length)
    .slice(0, limit)
    .map(({ choice }) => choice)
}
