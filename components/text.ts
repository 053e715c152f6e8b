import { type InjectionKey, inject } from 'vue'
import type messages from '../public/_locales/en/messages.json'

/** Every string that people see is a WebExtension message; English is the complete set. */
export type MessageKey = keyof typeof messages

export type Translate = (key: MessageKey, substitutions?: string | string[]) => string

export const translateKey: InjectionKey<Translate> = Symbol('translate')

/** The translation that the entrypoint provided. Throws where none was. */
export function useText(): Translate {
  const translate = inject(translateKey)
  if (!translate) throw new Error('no translation was provided')
  return translate
}

/** A name or an address as it may stand in a sentence: its direction stays its own (UAX #9, FSI and PDI). */
export const isolate = (text: string): string => `\u2068${text}\u2069`

/**
 * A message with something other than text in it, such as a name in its colour: its words, and between them the
 * numbers of what belongs there.
 */
export function partsOf(translate: Translate, key: MessageKey, count: number): (string | number)[] {
  const marks = Array.from({ length: count }, (_, index) => `\n${index}\n`)
  const pieces = translate(key, marks).split('\n')
  return pieces.map((piece, index) => (index % 2 === 0 ? piece : Number(piece)))
}
