import type english from '../../../public/_locales/en/messages.json'

interface Entry {
  message: string
  placeholders?: Record<string, { content: string }>
}
export type Messages = Record<string, Entry>

/** Keys that go by a count: `key_one`, `key_other` and whatever else a language has. */
const COUNTED = /^(\w+)_(zero|one|two|few|many|other)$/
/** The Chrome Web Store takes no longer ones. */
const LONGEST: Partial<Record<keyof typeof english, number>> = {
  extensionName: 75,
  extensionDescription: 132,
}

const namesIn = (entry: Entry | undefined) => Object.keys(entry?.placeholders ?? {}).toSorted()

/** The keys that a language must have, given the English ones: those with a count once for each of its plural forms. */
function wantedKeys(source: Messages, tag: string): Set<string> {
  const forms = new Intl.PluralRules(tag).resolvedOptions().pluralCategories
  return new Set(
    Object.keys(source).flatMap((key) => {
      const [, base] = COUNTED.exec(key) ?? []
      return base === undefined ? key : forms.map((form) => `${base}_${form}`)
    }),
  )
}

/** What is wrong with one language's file, in words; `folder` is its name under `_locales`. */
export function localeFaults(folder: string, messages: Messages, source: Messages): string[] {
  const tag = folder.replace('_', '-')
  const faults: string[] = []
  const expected = { localeTag: tag, localeDirection: directionOf(tag) }
  for (const [key, value] of Object.entries(expected))
    if (messages[key]?.message !== value) faults.push(`${key} must be ${value}`)
  const wanted = wantedKeys(source, tag)
  for (const key of wanted) if (!messages[key]) faults.push(`${key} is missing`)
  for (const [key, entry] of Object.entries(messages)) {
    if (wanted.has(key)) faults.push(...entryFaults(key, entry, source))
    else faults.push(`${key} is superfluous`)
  }
  return faults
}

function entryFaults(key: string, entry: Entry, source: Messages): string[] {
  const faults: string[] = []
  const { message } = entry
  if (message.trim() === '') faults.push(`${key} has no words`)
  const [, base] = COUNTED.exec(key) ?? []
  const original = source[base === undefined ? key : `${base}_other`]
  const used = new Set([...message.matchAll(/\$(\w+)\$/g)].map(([, name = '']) => name.toLowerCase()))
  const names = namesIn(entry)
  if (names.join() !== [...used].toSorted().join()) faults.push(`${key} does not use what it declares`)
  // "One hop" needs no number.
  const isSame = names.join() === namesIn(original).join()
  const isPart = base !== undefined && names.every((name) => namesIn(original).includes(name))
  if (!isSame && !isPart) faults.push(`${key} has other placeholders than English`)
  for (const name of names)
    if (entry.placeholders?.[name]?.content !== original?.placeholders?.[name]?.content)
      faults.push(`${key}: $${name}$ stands for something else than in English`)
  // A lone dollar sign is read as the begin of a placeholder.
  if (/\$/.test(message.replace(/\$\w+\$/g, ''))) faults.push(`${key} has a stray $`)
  const longest: number = new Map(Object.entries(LONGEST)).get(key) ?? Number.POSITIVE_INFINITY
  if (message.length > longest) faults.push(`${key} is longer than ${longest} characters`)
  return faults
}

const RIGHT_TO_LEFT = ['Arab', 'Hebr', 'Syrc', 'Thaa']
const directionOf = (tag: string) =>
  RIGHT_TO_LEFT.includes(new Intl.Locale(tag).maximize().script ?? '') ? 'rtl' : 'ltr'
