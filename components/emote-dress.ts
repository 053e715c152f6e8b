import { h } from 'vue'
import type { FoundEmote } from '../stores/emotes'
import EmoteStack from './EmoteStack.vue'
import type { Dressed, WordDress } from './word-dress'

/** Overlays on one emote; more of them stand beside it. */
const MAX_OVERLAYS = 6
/** A message of so many emotes and emoji, and nothing else, shows them larger. */
const MAX_LARGE = 8

/** Some write a variation selector where none is needed. */
const EMOJI = /^(?:\p{RGI_Emoji}|\p{Emoji_Presentation}\ufe0f)+$/v

/** Shows words that are codes of emotes as these, each overlay on the emote before it. */
export const emoteDress =
  (find: (code: string) => FoundEmote | undefined, still: boolean): WordDress =>
  (words, isWhole = false) => {
    const emotes = words.map(find)
    const isEmoji = (at: number) => EMOJI.test(words[at] ?? '')
    const large = isWhole && words.length <= MAX_LARGE && emotes.every((emote, at) => emote || isEmoji(at))
    const looks: Dressed[] = words.map(() => undefined)
    let stack: FoundEmote[] = []
    for (const [at, emote] of emotes.entries()) {
      if (!emote) {
        stack = []
        if (large) looks[at] = h('span', { class: 'large-emoji' }, words[at])
      } else if (emote.overlay && stack.length > 0 && stack.length <= MAX_OVERLAYS) {
        stack.push(emote)
        looks[at] = null
      } else {
        stack = [emote]
        looks[at] = h(EmoteStack, { stack, large, still })
      }
    }
    return looks
  }
