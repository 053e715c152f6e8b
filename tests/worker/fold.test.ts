import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nameFault } from '../../protocol/display-name-check'
import { lookOf, nameFolds } from '../../worker/names/fold'
import { isReservedName } from '../../worker/names/reserved'

const share = (a: string, b: string) => nameFolds(a).some((fold) => nameFolds(b).includes(fold))

/** Every character that may stand in a name. */
const allowed: string[] = []
for (let point = 0x21; point < 0x110000; point++) {
  const character = String.fromCodePoint(point)
  if (/^[\p{L}\p{Mn}\p{Mc}\p{N}_.-]$/u.test(character)) allowed.push(character)
}

const anyAllowed = fc.nat({ max: allowed.length - 1 }).map((place) => allowed[place] ?? '')

/** Names as they come: of one script, of many, and of letters that Latin ones look like. */
const name = fc
  .oneof(
    fc.array(fc.constantFrom(...'AaBbIiJjLlMmOoRrNn01._-'), { minLength: 3, maxLength: 12 }),
    fc.array(fc.constantFrom(...'ΑαΗηΙιΝνΥυΜμΣσςКкМмНнВвІіЈјЅѕ'), { minLength: 3, maxLength: 12 }),
    fc.array(anyAllowed, { minLength: 3, maxLength: 8 }),
  )
  .map((characters) => characters.join('').normalize('NFC'))

describe('folding', () => {
  it('settles, for every character there is', () => {
    const restless = allowed.filter((character) => lookOf(lookOf(character)) !== lookOf(character))
    expect(restless).toEqual([])
  })

  it('makes one of letter cases, for every letter there is', () => {
    const apart = allowed.filter(
      (character) => !share(character, character.toUpperCase()) || !share(character, character.toLowerCase()),
    )
    expect(apart).toEqual([])
  })

  it('is idempotent, and does not see how a text is normalised', () => {
    fc.assert(
      fc.property(name, (text) => {
        for (const fold of nameFolds(text)) expect(lookOf(fold)).toBe(fold)
        for (const form of ['NFC', 'NFD'] as const)
          expect(nameFolds(text.normalize(form))).toEqual(nameFolds(text))
        expect(share(text, text.normalize('NFKC'))).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })

  it('makes one of letter cases, wherever they stand', () => {
    fc.assert(
      fc.property(name, (text) => {
        expect(share(text, text.toUpperCase())).toBe(true)
        expect(share(text, text.toLowerCase())).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })

  /** Pairs of confusables.txt that may stand in names. */
  const confusables = [
    ['a', 'а'],
    ['c', 'с'],
    ['e', 'е'],
    ['o', 'о'],
    ['o', 'ο'],
    ['o', '0'],
    ['O', '0'],
    ['p', 'р'],
    ['p', 'ρ'],
    ['x', 'х'],
    ['y', 'у'],
    ['s', 'ѕ'],
    ['j', 'ј'],
    ['i', 'і'],
    ['i', 'ι'],
    ['l', 'I'],
    ['l', '1'],
    ['I', '1'],
    ['l', 'ӏ'],
    ['v', 'ν'],
    ['N', 'Ν'],
    ['B', 'В'],
    ['B', 'Β'],
    ['H', 'Н'],
    ['m', 'rn'],
    ['fi', 'ﬁ'],
    ['a', 'ａ'],
    ['a', '𝐚'],
    ['1', '①'],
    ['K', '\u212a'],
    ['ø', 'o\u0338'],
    ['é', 'e\u0301'],
    ['İ', 'I'],
  ] as const

  it('makes one of what looks alike, wherever it stands', () => {
    fc.assert(
      fc.property(fc.constantFrom(...confusables), name, name, ([one, other], before, after) => {
        expect(share(before + one + after, before + other + after)).toBe(true)
      }),
      { numRuns: 5_000 },
    )
  })

  it.each([
    ['paypal', 'раураl'],
    ['paypal', 'PayPaI'],
    ['Bob', 'ВОВ'],
    ['Straße', 'STRASSE'],
    ['Ｏtter', 'otter'],
    ['ﬁnch', 'FINCH'],
    ['ΣΊΣΥΦΟΣ', 'σίσυφος'],
    ['Вася', 'вася'],
    ['NINA', 'ΝΙΝΑ'],
    ['νινα', 'ΝΙΝΑ'],
    ['AmberOtter10', 'AmberOtterlo'],
    ['Modern', 'Modem'],
    ['İ\u064b', 'I\u064b'],
  ])('knows %s in %s', (one, other) => expect(share(one, other)).toBe(true))

  it.each([
    ['Otter1', 'Otter2'],
    ['NINA', 'viva'],
    ['Nick', 'Vick'],
    ['Yuma', 'Uuma'],
    ['Hare', 'Nare'],
    ['Ann', 'Änn'],
    ['ann_b', 'ann-b'],
    ['Вася', 'Bacя2'],
  ])('tells %s from %s', (one, other) => expect(share(one, other)).toBe(false))

  it('gives a plain name one key', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9_.-]{3,25}$/), (text) => {
        expect(nameFolds(text)).toHaveLength(1)
      }),
    )
    for (const text of ['Zoë', '名無しさん', 'مرحبا', 'ねこ', 'Łukasz', 'สวัสดี'].map((one) =>
      one.normalize('NFC'),
    ))
      expect(nameFolds(text)).toHaveLength(1)
  })
})

describe('reserved names', () => {
  it.each([
    ...[
      'Admin',
      'admin_01',
      '-admin-',
      'Adm1n',
      'ADM1N_01',
      'Аdmin',
      'ádmin',
      'ａｄｍｉｎ',
      'aԁmin',
      'adrnin',
      '4dmin',
    ],
    ...['Twitch', 'TW1TCH', 'ТWІТСН', 'tw.it.ch', 'TheTwitchTeam', '7w17ch', 'twɪtch'],
    ...['Sidestream', 'S1destream', 'Sidestrearn', 'xSideStreamx', '5ide5tream'],
    ...[
      'Moderator7',
      'm0derat0r',
      'Moderators',
      'TheMods',
      'Official_Support',
      'Our.Support.Team',
      'SystemMessage',
    ],
    ...['System', 'Party', 'Room', 'Nightbot', 'Everyone', 'Deleted', 'null', 'undefined'],
    ...['Ann_joined', 'Ann-left', 'Ann.is.typing', 'Ann_Jоined', 'Party_closed', 'Otter_was_banned'],
  ])('%s is one', (text) => expect(isReservedName(text)).toBe(true))

  it.each([
    ...[
      'Badminton',
      'Modesty',
      'Hostess',
      'Ownership',
      'Otter12',
      'Robot',
      'PartyAnimal',
      'YouTuber',
      'AllStar',
    ],
    ...[
      'Roomba',
      'TurnLeft',
      'Switch',
      'Sideways',
      'Streams',
      'Enjoined',
      'Ann_B',
      'Moddy',
      'Botanist',
      'Falstaff',
    ],
    ...['名無しさん', 'Zoë', 'Вася', 'مرحبا', 'Ω-Team'],
  ])('%s is none', (text) => expect(isReservedName(text.normalize('NFC'))).toBe(false))

  it('stay reserved in any letter case and with anything around them', () => {
    const around = fc.stringMatching(/^[0-9_.-]{0,4}$/)
    const words = fc.constantFrom('admin', 'moderator', 'twitch', 'sidestream', 'system', 'staff')
    const capitals = fc.array(fc.boolean(), { minLength: 10, maxLength: 10 })
    const cased = fc
      .tuple(words, capitals)
      .map(([word, big]) => [...word].map((letter, at) => (big[at] ? letter.toUpperCase() : letter)).join(''))
    fc.assert(
      fc.property(around, cased, around, (before, word, after) => {
        expect(isReservedName(before + word + after)).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })

  it('never fail on a name', () => {
    fc.assert(
      fc.property(name, (text) => {
        if (nameFault(text) === null) expect(typeof isReservedName(text)).toBe('boolean')
      }),
    )
  })
})
