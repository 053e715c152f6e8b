import type { Component, InjectionKey } from 'vue'
import type { MessageKey } from './text'

/** Something that can be put into the text: a person, an emote, a command. */
export interface Completion {
  /** Unique within its source. */
  readonly id: string
  /** What takes the place of the word that was begun; a space follows. */
  readonly text: string
  /** What the list shows and screen readers say. */
  readonly label: string
  /** Quietly beside it, such as where an emote is from. */
  readonly detail?: string
}

/**
 * Knows how words go on. Asked with every key, so it must be quick; what it reads should be reactive, so that a list in
 * view follows what is loaded meanwhile.
 */
export interface CompletionSource {
  /** Short and unique, for ids in the page. */
  readonly name: string
  /** The character that a word begins with for this source to be asked, such as `:`. */
  readonly trigger: string
  /** Suggestions show once so many characters follow the trigger. */
  readonly minLength: number
  /** `true`: Tab completes words without the trigger, too. Sources are asked in their order. */
  readonly onTab: boolean
  /** `true`: the word counts only as the first of the text. */
  readonly onlyFirst?: boolean
  /** What the list is called. */
  readonly label: MessageKey
  /** Draws an entry's picture, as decoration: it gets the `completion` as its one property. */
  readonly picture?: Component<{ completion: Completion }>
  /**
   * At most `limit` that go on from `query` (without the trigger, as typed), the likeliest first. `byTab`: nobody asked for
   * this source, so only what begins like that.
   */
  complete(query: string, limit: number, byTab?: boolean): readonly Completion[]
}

/** Where a composer finds more sources than its own; provided by whoever puts it into a page. */
export const completionSourcesKey: InjectionKey<readonly CompletionSource[]> = Symbol('completion sources')

/** The word at the caret that may be completed. */
export interface BegunWord {
  /** Where it begins and ends in the text (UTF-16 units); the caret is at its end. */
  readonly from: number
  readonly to: number
  readonly word: string
}

/** A word goes back to white space or the begin of the text, and no other character may follow the caret at once. */
export function wordAt(text: string, caret: number): BegunWord | null {
  const [word] = /\S*$/.exec(text.slice(0, caret)) ?? ['']
  if (word === '' || /^\S/.test(text.slice(caret))) return null
  return { from: caret - word.length, to: caret, word }
}
