import browser from 'webextension-polyfill'
import english from '../public/_locales/en/messages.json'

interface Entry {
  message: string
  placeholders?: Record<string, { content: string }>
}

/**
 * The words of a message in the browser's language. Chromium can lose a package's texts for a whole session (a
 * page closed while they load is enough) and then answers with nothing: English is better than a blank page.
 */
export function translate(key: keyof typeof english, substitutions: string | string[] = []): string {
  return browser.i18n.getMessage(key, substitutions) || inEnglish(english[key], [substitutions].flat())
}

/** Fills in `$NAME$` and, in what those stand for, `$1` to `$9`, as browsers do. */
function inEnglish({ message, placeholders = {} }: Entry, substitutions: string[]): string {
  const filled = message.replace(
    /\$(\w+)\$/g,
    (_, name: string) => placeholders[name.toLowerCase()]?.content ?? '',
  )
  return filled.replace(/\$([1-9])/g, (_, position) => substitutions[Number(position) - 1] ?? '')
}
