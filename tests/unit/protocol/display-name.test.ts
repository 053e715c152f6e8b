import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { displayNameSchema } from '../../../protocol/display-name'
import { type NameFault, nameFault, tidyName } from '../../../protocol/display-name-check'
import { MAX_NAME_BYTES, MAX_NAME_GRAPHEMES, MIN_NAME_GRAPHEMES } from '../../../protocol/limits'

const graphemes = (text: string) =>
  [...new Intl.Segmenter('und', { granularity: 'grapheme' }).segment(text)].length

describe('a display name', () => {
  it.each([
    ...['Ann', 'AmberOtter417', 'Zoë', 'Ł.ukasz_-', 'x'.repeat(25), '12monkeys', '4u2', 'a.b'],
    ...[
      '名無しさん',
      'مرحبا',
      'Вася',
      'ΝΙΝΑ',
      'สวัสดี',
      'नमस्ते',
      'ㄱㄴㄷ',
      'ｆｕｌｌ',
      '𝓣𝓸𝓶',
      'Ⅷth',
      'l\u0323\u0307aa',
    ],
  ])('may be %s', (name) => expect(nameFault(name.normalize('NFC'))).toBeNull())

  it.each<[NameFault, string[]]>([
    ['too-short', ['', 'a', 'ab', 'é1', '👍'.slice(0, 0)]],
    ['too-long', ['x'.repeat(26), 'ก็'.repeat(17), 'x'.repeat(100_000), '語'.repeat(34)]],
    [
      'address',
      [
        'ann@example.com',
        '@ann',
        'ann@',
        'ann＠example.com',
        'ann﹫example',
        `${'x'.repeat(300)}@example.com`,
      ],
    ],
    ['letterless', ['1234', '...', '___', '-_-', '1.2.3', '①②③', '٣٤٥']],
    [
      'characters',
      [
        ...[
          'two words',
          ' Ann',
          'Ann ',
          '   ',
          '\t\n\r',
          'a\u00a0bc',
          'a\u3000bc',
          'a\u2009bc',
          '\u2800\u2800\u2800',
        ],
        ...[
          'a\u200bbc',
          'a\u200cbc',
          'a\u200dbc',
          'a\u2060bc',
          'a\ufeffbc',
          'a\u00adbc',
          'a\u034fbc',
          'a\ufe0fbc',
        ],
        ...[
          '\u3164\u3164\u3164',
          'a\u115fbc',
          'a\uffa0bc',
          'a\u17b4bc',
          'a\u180bbc',
          'a\u{e0100}bc',
          'a\u{e0041}bc',
        ],
        ...['a\u202ebc', 'a\u202abc', 'a\u2066bc', 'a\u2069bc', 'a\u200ebc', 'a\u200fbc', 'a\u061cbc'],
        ...['a\u0000bc', 'a\u001fbc', 'a\u007fbc', 'a\u0085bc', 'a\u2028bc', '\ud83dabc', 'abc\udc00'],
        ...['🦦🦦🦦', 'Ann🦦', '👩‍👩‍👧‍👦abc', '🇺🇦abc', '1\ufe0f\u20e3ab', '♥♥♥', '☃☃☃', '™™™'],
        ...[
          '<b>',
          'a/b',
          'a\\b',
          'a:b',
          'a,b',
          "a'b",
          'a"b',
          'a!b',
          'a?b',
          'a#b',
          'a%b',
          'a&b',
          'a+b',
          'a*b',
          'a|b',
          'a~b',
        ],
        ...[
          '\u0301\u0302\u0303',
          '\u0301abc',
          'a_\u0301bc',
          'ab\u20dd\u20ddc',
          'e\u0301te\u0301',
          'A\u030angstrom',
          '\u212bbc',
        ],
        ...['a\u0316\u0317\u0318\u0319\u031abc', 'abc\u0316\u0316', 'ab\u0301\u0301c'],
      ],
    ],
  ])('is %s', (fault, names) => {
    for (const name of names) expect(nameFault(name), JSON.stringify(name.slice(0, 40))).toBe(fault)
  })

  it('is no longer than its limits in bytes and graphemes, whatever it is made of', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc.string({ unit: fc.constantFrom('a', 'é', '語', 'ก็', 'नि', '𝒜', '.'), maxLength: 40 }),
    )
    fc.assert(
      fc.property(text, (raw) => {
        const name = tidyName(raw)
        if (nameFault(name) !== null) return
        expect(new TextEncoder().encode(name).length).toBeLessThanOrEqual(MAX_NAME_BYTES)
        expect(graphemes(name)).toBeGreaterThanOrEqual(MIN_NAME_GRAPHEMES)
        expect(graphemes(name)).toBeLessThanOrEqual(MAX_NAME_GRAPHEMES)
        expect(name).toBe(name.normalize('NFC'))
        expect(name).not.toMatch(/[\s\p{C}\p{Z}\p{S}\p{Me}@]|\p{Default_Ignorable_Code_Point}/u)
        expect(name).toMatch(/\p{L}/u)
      }),
      { numRuns: 5_000 },
    )
  })

  it('counts graphemes, not code units', () => {
    expect(nameFault('語'.repeat(25))).toBeNull()
    expect(nameFault('𝒜'.repeat(25))).toBeNull()
    expect(nameFault('𝒜'.repeat(26))).toBe('too-long')
    expect(nameFault('नि'.repeat(16))).toBeNull()
  })

  it('is what the schema takes, and nothing else', () => {
    for (const good of ['Ann', 'Zoë']) expect(displayNameSchema.parse(good)).toBe(good)
    for (const bad of [7, null, undefined, {}, ['Ann'], 'ab', 'ann@example.com'])
      expect(displayNameSchema.safeParse(bad).success).toBe(false)
  })

  it('is tidied of what a keyboard adds', () => {
    expect(tidyName('  Zoe\u0308\n')).toBe('Zoë')
    expect(nameFault(tidyName(' Ann '))).toBeNull()
  })
})
