import { describe, expect, it } from 'vitest'
import { isVNode } from 'vue'
import { Mentions } from '../../../components/mentions'

const mentions = new Mentions(['CalmHeron', 'Zoë', 'a.b-c', 'Dot.'], 'BraveOtter')

/** What a word shows: text as it is, mentions in brackets, those of the viewer in two. */
function shown(word: string): string {
  const [look] = mentions.dress([word])
  if (!Array.isArray(look)) return word
  return look
    .map((part) => {
      if (!isVNode(part)) return String(part)
      const isMe = String(part.props?.class).includes('of-me')
      return isMe ? `[[${part.children}]]` : `[${part.children}]`
    })
    .join('')
}

describe('mentions', () => {
  it.each([
    ['@CalmHeron', '[@CalmHeron]'],
    ['@calmheron,', '[@calmheron],'],
    ['(@CalmHeron)', '([@CalmHeron])'],
    ["@CalmHeron's", "[@CalmHeron]'s"],
    ['@BraveOtter!', '[[@BraveOtter]]!'],
    ['@Zoe\u0308', '[@Zoe\u0308]'],
    ['@a.b-c...', '[@a.b-c]...'],
    ['@Dot.', '[@Dot.]'],
    ['@Dot..', '[@Dot.].'],
    ['@CalmHeron😀', '[@CalmHeron]😀'],
  ])('%s shows %s', (word, look) => {
    expect(shown(word)).toBe(look)
  })

  it.each(['CalmHeron', '@Nobody', '@CalmHerons', 'a@CalmHeron', '@', '@@CalmHeron', '@.', '@a.b'])(
    '%s names nobody',
    (word) => {
      expect(shown(word)).toBe(word)
    },
  )

  it('tell whether a text names the viewer', () => {
    expect(mentions.namesMe('hey\n@braveotter: look')).toBe(true)
    expect(mentions.namesMe('BraveOtter @BraveOtters @CalmHeron me@BraveOtter')).toBe(false)
    expect(new Mentions(['CalmHeron'], null).namesMe('@CalmHeron')).toBe(false)
  })

  it('take no time for words that are made to', () => {
    const begin = performance.now()
    for (const word of [
      '@'.repeat(500),
      `@${'.'.repeat(499)}`,
      `${'('.repeat(499)}@`,
      `@${'a.'.repeat(250)}`,
    ])
      for (let round = 0; round < 200; round += 1) mentions.dress([word])
    expect(performance.now() - begin).toBeLessThan(2_000)
  })
})
