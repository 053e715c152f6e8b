import { type Translate, translateKey } from '../../../components/text'
import messages from '../../../public/_locales/en/messages.json'

interface Entry {
  message: string
  placeholders?: Record<string, { content: string }>
}

/** English as `browser.i18n.getMessage` would say it. */
export const translate: Translate = (key, substitutions = []) => {
  const values = [substitutions].flat()
  const entry = new Map<string, Entry>(Object.entries(messages)).get(key)
  if (!entry) return ''
  const { message, placeholders } = entry
  return message.replace(/\$([a-z]+)\$/gi, (_, name: string) => {
    const place = Number(placeholders?.[name.toLowerCase()]?.content.slice(1))
    return values[place - 1] ?? ''
  })
}

/** For `mount`. */
export const global = { provide: { [translateKey]: translate } }
