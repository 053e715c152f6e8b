import { describe, expect, it } from 'vitest'
import messages from '../../../public/_locales/en/messages.json'

describe('the English messages', () => {
  it.each(Object.entries(messages))('%s has words and knows its placeholders', (_key, entry) => {
    expect(entry.message.trim()).not.toBe('')
    const used = [...entry.message.matchAll(/\$([A-Z]+)\$/g)].map(([, name]) => name?.toLowerCase())
    const known = 'placeholders' in entry ? Object.keys(entry.placeholders) : []
    expect(used.toSorted()).toEqual(known.toSorted())
  })
})
