import browser from 'webextension-polyfill'
import type english from '../public/_locales/en/messages.json'

/** Of English; other languages have more plural forms of the same texts. */
type MessageKey = keyof typeof english | `${string}_${Intl.LDMLPluralRule}`

interface Entry {
  message: string
  placeholders?: Record<string, { content: string }>
}

/** Words that do not come from the browser, in a language of their own. */
let own: Record<string, Entry> | undefined

/**
 * Before a page shows anything: gets the words that the browser cannot give, because the viewer chose another language
 * than its own (`auto`: they did not), or because it lost them. Chromium can lose a package's texts for a whole session (a
 * page closed while they load is enough) and then answers with nothing: English is better than a blank page. Never rejects;
 * resolves with whether words are other ones now than before.
 */
export async function prepareTexts(language: string): Promise<boolean> {
  const given = browser.i18n.getMessage('localeTag')
  const wanted = language === 'auto' ? given || 'en' : language
  const before = translate('localeTag')
  own = wanted === given ? undefined : await load(wanted).catch(() => undefined)
  return translate('localeTag') !== before
}

/** The words of a message in the viewer's language. */
export function translate(key: MessageKey, substitutions: string | string[] = []): string {
  const entry = own?.[key]
  return entry ? filled(entry, [substitutions].flat()) : browser.i18n.getMessage(key, substitutions)
}

async function load(language: string): Promise<Record<string, Entry>> {
  // A file of our own package, which the browser has checked.
  return (await fetch(`/_locales/${language}/messages.json`)).json()
}

/** Fills in `$NAME$` and, in what those stand for, `$1` to `$9`, as browsers do. */
function filled({ message, placeholders = {} }: Entry, substitutions: string[]): string {
  const named = message.replace(
    /\$(\w+)\$/g,
    (_, name: string) => placeholders[name.toLowerCase()]?.content ?? '',
  )
  return named.replace(/\$([1-9])/g, (_, position) => substitutions[Number(position) - 1] ?? '')
}
