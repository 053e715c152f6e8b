import { type InjectionKey, inject } from 'vue'
import type messages from '../public/_locales/en/messages.json'

/** Every string that people see is a WebExtension message; English is the complete set. */
export type MessageKey = keyof typeof messages

/** Messages that go by a count: `…_one`, `…_other`, and in other languages whatever forms they have. */
export type CountedKey = MessageKey extends infer Key
  ? Key extends `${infer Base}_other`
    ? Base
    : never
  : never
type CountedForm = `${CountedKey}_${Intl.LDMLPluralRule}`

/** Empty for a form that the language does not have. */
export type Translate = (key: MessageKey | CountedForm, substitutions?: string | string[]) => string

export const translateKey: InjectionKey<Translate> = Symbol('translate')

/** The translation that the entrypoint provided. Throws where none was. */
export function useText(): Translate {
  const translate = inject(translateKey)
  if (!translate) throw new Error('no translation was provided')
  return translate
}

/** A message with a count, in the plural form and the digits of the language. */
export function counted(translate: Translate, key: CountedKey, count: number): string {
  const tag = translate('localeTag')
  const words = new Intl.NumberFormat(tag).format(count)
  const form = new Intl.PluralRules(tag).select(count)
  return translate(`${key}_${form}`, words) || translate(`${key}_other`, words)
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
