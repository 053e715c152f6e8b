import { h } from 'vue'
import { foldedName, type MentionedName, mentionIn } from '../protocol/mention'
import type { Dressed, WordDress } from './word-dress'

/** Recognises `@Name` of the people in a room; `me` is the viewer's own name. */
export class Mentions {
  readonly #names: ReadonlySet<string>
  readonly #me: string | null

  constructor(names: Iterable<string>, me: string | null) {
    this.#names = new Set([...names].map(foldedName))
    this.#me = me === null ? null : foldedName(me)
  }

  /** Whether `text` names the viewer. */
  readonly namesMe = (text: string): boolean =>
    this.#me !== null && text.includes('@') && text.split(/\s+/u).some((word) => this.#read(word)?.isMe)

  /** Shows mentions as such. */
  readonly dress: WordDress = (words) =>
    words.map((word): Dressed => {
      const mention = this.#read(word)
      if (!mention) return undefined
      const { before, name, after, isMe } = mention
      return [before, h('bdi', { class: ['mention', { 'of-me': isMe }] }, `@${name}`), after]
    })

  #read(word: string): (MentionedName & { isMe: boolean }) | undefined {
    const mention = mentionIn(word, (name) => name === this.#me || this.#names.has(name))
    return mention && { ...mention, isMe: foldedName(mention.name) === this.#me }
  }
}
