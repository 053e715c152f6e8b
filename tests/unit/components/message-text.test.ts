import { describe, expect, it } from 'vitest'
import { h, isVNode } from 'vue'
import { textNodes } from '../../../components/MessageText'
import type { WordDress } from '../../../components/word-dress'

/** Words in capitals are pictures; `OVER` lies on the one before. */
const pictures: WordDress = (words) =>
  words.map((word) => (word === 'OVER' ? null : /^[A-Z]+$/.test(word) ? h('img', { alt: word }) : undefined))
const bold: WordDress = (words) => words.map((word) => (word.startsWith('b') ? h('b', word) : undefined))

const shown = (text: string, ...dresses: WordDress[]) =>
  textNodes(text, dresses).map((node) =>
    isVNode(node) ? `<${String(node.type)} ${node.props?.alt ?? node.props?.href ?? node.children}>` : node,
  )

describe('the text of a message', () => {
  it('is one piece of text where nothing has another look', () => {
    expect(shown('two\n  lines ')).toEqual(['two\n  lines '])
    expect(shown('two\n  lines ', pictures)).toEqual(['two\n  lines '])
  })

  it('shows words as the first that knows them would, and keeps every space', () => {
    expect(shown(' a PICTURE\n\nand  bold', pictures, bold)).toEqual([
      ' a ',
      '<img PICTURE>',
      '\n\nand  ',
      '<b bold>',
    ])
    expect(shown('B', bold, pictures)).toEqual(['<img B>'])
  })

  it('leaves out what shows with the word before it', () => {
    expect(shown('a PICTURE OVER OVER and', pictures)).toEqual(['a ', '<img PICTURE>', ' and'])
  })

  it('gives nobody the words of a link', () => {
    const seen: string[] = []
    const spy: WordDress = (words) => {
      seen.push(...words)
      return words.map(() => undefined)
    }
    expect(shown('see https://a.example/B C', spy)).toEqual(['see ', '<a https://a.example/B>', ' C'])
    expect(seen).toEqual(['see', 'C'])
  })
})
