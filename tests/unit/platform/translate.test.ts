import { beforeEach, describe, expect, it, vi } from 'vitest'

/** What the browser has in its own language; nothing at all where it lost the package's texts. */
let given: Record<string, string>
let files: Record<string, unknown>

vi.mock('webextension-polyfill', () => ({
  default: { i18n: { getMessage: (key: string) => given[key] ?? '' } },
}))

const german = {
  localeTag: { message: 'de' },
  send: { message: 'Senden' },
  typingTwo: {
    message: '$SECOND$ und $FIRST$ schreiben …',
    placeholders: { first: { content: '$1' }, second: { content: '$2' } },
  },
}

/** A page that has just begun. */
async function begin(language: string) {
  vi.resetModules()
  const texts = await import('../../../platform/translate')
  const isOther = await texts.prepareTexts(language)
  return { ...texts, isOther }
}

beforeEach(() => {
  given = { localeTag: 'de', send: 'Senden' }
  files = {
    '/_locales/de/messages.json': german,
    '/_locales/en/messages.json': { send: { message: 'Send' } },
  }
  vi.stubGlobal('fetch', async (path: string) => {
    if (!(path in files)) throw new TypeError('no such file')
    return { json: async () => files[path] }
  })
})

describe('the words of a page', () => {
  it('are the browser’s own where nothing was chosen, without a file being read', async () => {
    files = {}
    const { translate } = await begin('auto')
    expect([translate('localeTag'), translate('send')]).toEqual(['de', 'Senden'])
  })

  it('are those of the language that was chosen', async () => {
    expect((await begin('en')).translate('send')).toBe('Send')
    given = { localeTag: 'en' }
    const { translate } = await begin('de')
    expect([translate('localeTag'), translate('send')]).toEqual(['de', 'Senden'])
    expect(translate('typingTwo', ['$2', 'Ann $FIRST$'])).toBe('Ann $FIRST$ und $2 schreiben …')
  })

  it('are the browser’s where the file cannot be read', async () => {
    files = {}
    expect((await begin('en')).translate('send')).toBe('Senden')
  })

  it('are English where the browser has lost them', async () => {
    given = {}
    expect((await begin('auto')).translate('send')).toBe('Send')
  })

  it('tell whether they are others than before', async () => {
    const { prepareTexts } = await begin('auto')
    expect(await prepareTexts('de')).toBe(false)
    files['/_locales/en/messages.json'] = { localeTag: { message: 'en' } }
    expect([await prepareTexts('en'), await prepareTexts('en'), await prepareTexts('auto')]).toEqual([
      true,
      false,
      true,
    ])
  })
})
