import { describe, expect, it } from 'vitest'
import { matchParts } from '../../../components/match-parts'
import { isMatch, searchWords } from '../../../protocol/text-search'

const marked = (text: string, query: string) =>
  matchParts(text, searchWords(query))
    .map(({ text, isMatch }) => (isMatch ? `[${text}]` : text))
    .join('')

describe('what a search found in a text', () => {
  it.each([
    ['The Filter opens', 'filter', 'The [Filter] opens'],
    ['Größe', 'grosse', '[Größe]'],
    ['Größe', 'oss', 'Gr[öß]e'],
    ['Zoe\u0308 and ZOË', 'zoe', '[Zoe\u0308] and [ZOË]'],
    ['aaaa', 'aa', '[aaaa]'],
    ['one two', 'two one', '[one] [two]'],
    ['😀 smile', 'smile', '😀 [smile]'],
    ['nothing', 'else', 'nothing'],
  ])('%j, looked for %j', (text, query, shown) => {
    expect(marked(text, query)).toBe(shown)
  })

  it('comes into view where a text is long', () => {
    const text = `${'x'.repeat(300)} needle`
    const shown = marked(text, 'needle')
    expect(shown).toMatch(/^… x{39} \[needle\]$/)
  })
})

describe('a query', () => {
  it('has words, and not too many', () => {
    expect(searchWords('  two\n words ')).toEqual(['TWO', 'WORDS'])
    expect(searchWords('a b c d e f g h i j')).toHaveLength(8)
    expect(searchWords('x'.repeat(10_000))[0]).toHaveLength(200)
  })

  it('of nothing matches nothing', () => {
    expect(isMatch([], ['anything'])).toBe(false)
    expect(searchWords('\u0301')).toEqual([])
  })

  it('matches where each word is in one of the texts', () => {
    expect(isMatch(searchWords('ΟΔΟΣ'), ['οδος'])).toBe(true)
    expect(isMatch(searchWords('heron filter'), ['CalmHeron', 'the filter'])).toBe(true)
    expect(isMatch(searchWords('heron filter'), ['CalmHeron', 'the door'])).toBe(false)
  })
})
