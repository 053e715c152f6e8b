import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { counted, type Translate } from '../../../components/text'
import { LANGUAGES } from '../../../protocol/appearance'
import { localeFaults, type Messages } from './locale-check'
import { translate } from './translate'

const directory = new URL('../../../public/_locales/', import.meta.url)
const folders = readdirSync(directory)
const read = (folder: string): Messages =>
  JSON.parse(readFileSync(new URL(`${folder}/messages.json`, directory), 'utf8'))
const english = read('en')

describe('the texts of every language', () => {
  it.each(folders)('%s says everything, and nothing else', (folder) =>
    expect(localeFaults(folder, read(folder), english)).toEqual([]),
  )

  it('can be chosen', () =>
    expect(LANGUAGES.toSorted()).toEqual(['auto', ...folders.map((one) => one.replace('_', '-'))].toSorted()))
})

describe('the check of a language', () => {
  const source: Messages = {
    localeTag: { message: 'en' },
    localeDirection: { message: 'ltr' },
    hello: { message: 'Hello $NAME$', placeholders: { name: { content: '$1' } } },
    hops_one: { message: 'one hop' },
    hops_other: { message: '$COUNT$ hops', placeholders: { count: { content: '$1' } } },
  }
  const counts = { placeholders: { count: { content: '$1' } } }
  const arabic: Messages = {
    localeTag: { message: 'ar' },
    localeDirection: { message: 'rtl' },
    hello: { message: '$NAME$ أهلا', placeholders: { name: { content: '$1' } } },
    hops_zero: { message: 'لا قفزات' },
    hops_one: { message: 'قفزة' },
    hops_two: { message: 'قفزتان' },
    hops_few: { message: '$COUNT$ قفزات', ...counts },
    hops_many: { message: '$COUNT$ قفزة', ...counts },
    hops_other: { message: '$COUNT$ قفزة', ...counts },
  }
  const { hello: _, ...silent } = arabic
  const { hops_few: __, ...fewless } = arabic

  it.each<[string, string, Messages, string[]]>([
    ['a whole one', 'ar', arabic, []],
    [
      'Japanese, which has one form',
      'ja',
      {
        localeTag: { message: 'ja' },
        localeDirection: { message: 'ltr' },
        hello: { message: 'こんにちは $NAME$', placeholders: { name: { content: '$1' } } },
        hops_other: { message: '$COUNT$', ...counts },
      },
      [],
    ],
    ['a missing text', 'ar', silent, ['hello is missing']],
    ['a missing plural form', 'ar', fewless, ['hops_few is missing']],
    ['too much', 'ar', { ...arabic, bye: { message: 'x' } }, ['bye is superfluous']],
    [
      'the wrong direction',
      'ar',
      { ...arabic, localeDirection: { message: 'ltr' } },
      ['localeDirection must be rtl'],
    ],
    ['no words', 'ar', { ...arabic, hops_one: { message: ' ' } }, ['hops_one has no words']],
    [
      'a forgotten name',
      'ar',
      { ...arabic, hello: { message: 'أهلا' } },
      ['hello has other placeholders than English'],
    ],
    [
      'a name that is not declared',
      'ar',
      { ...arabic, hello: { message: '$NAME$ $WHO$', placeholders: { name: { content: '$1' } } } },
      ['hello does not use what it declares'],
    ],
    [
      'another meaning',
      'ar',
      { ...arabic, hello: { message: '$NAME$', placeholders: { name: { content: '$2' } } } },
      ['hello: $name$ stands for something else than in English'],
    ],
    ['a stray sign', 'ar', { ...arabic, hops_two: { message: '2 $' } }, ['hops_two has a stray $']],
  ])('finds %s', (_name, folder, messages, faults) =>
    expect(localeFaults(folder, messages, source)).toEqual(faults),
  )
})

describe('a text with a count', () => {
  it('is said in the form that the language has for it', () => {
    expect([1, 4].map((count) => counted(translate, 'meshHops', count))).toEqual([
      'The latest messages came to you over one hop.',
      'The latest messages took up to 4 hops to you.',
    ])
  })

  it('has the forms and the digits of the language, and the last form where one is missing', () => {
    const arabic: Translate = (key, words) => {
      if (key === 'localeTag') return 'ar-EG'
      return key === 'meshSize_many' ? '' : `${key} ${words}`
    }
    expect([0, 1, 2, 3, 11, 1_200].map((count) => counted(arabic, 'meshSize', count))).toEqual([
      'meshSize_zero ٠',
      'meshSize_one ١',
      'meshSize_two ٢',
      'meshSize_few ٣',
      'meshSize_other ١١',
      'meshSize_other ١٬٢٠٠',
    ])
  })
})
