// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import HistoryNote from '../../../components/HistoryNote.vue'
import NoticeLine from '../../../components/NoticeLine.vue'
import TypingLine from '../../../components/TypingLine.vue'
import { partsOf, type Translate } from '../../../components/text'
import type { MembershipView } from '../../../protocol/host-port'
import { global } from './translate'

describe('who is writing', () => {
  const line = (...names: string[]) =>
    mount(TypingLine, { props: { typing: names.map((name) => ({ name })) }, global }).get(
      '[data-testid=typing]',
    )

  it.each([
    [['Ann'], 'Ann is writing…', 1],
    [['Ann', 'Ben'], 'Ann and Ben are writing…', 2],
    [['Ann', 'Ben', 'Cleo'], 'Several people are writing…', 0],
    [[], '', 0],
  ])('%j', (names, words, isolated) => {
    expect(line(...names).text()).toBe(words)
    expect(line(...names).findAll('bdi')).toHaveLength(isolated)
  })

  it('has its place while nobody does, and interrupts nobody', () => {
    expect(line().element.tagName).toBe('P')
    expect(line().find('.dots').exists()).toBe(false)
    expect(line('Ann').attributes('aria-live')).toBe('off')
    expect(line('Ann').get('.dots').attributes('aria-hidden')).toBe('true')
  })

  it('names people where the language wants them', () => {
    const backwards: Translate = (_, substitutions) => `<${[substitutions].flat().toReversed().join('|')}>`
    expect(partsOf(backwards, 'typingTwo', 2)).toEqual(['<', 1, '|', 0, '>'])
  })

  it('takes a name for a name, whatever it is', () => {
    const text = line('$1 <b>\n0\n').text()
    expect(text).toContain('$1 <b>')
  })
})

describe('who comes and goes', () => {
  const said = (notice: Omit<MembershipView, 'id' | 'ms'>) =>
    mount(NoticeLine, { props: { notice: { id: 'n', ms: 1, ...notice } }, global })
      .text()
      .replace(/[\u2068\u2069]/g, '')

  it('is said in a few words', () => {
    expect(said({ kind: 'arrived', name: 'Ann' })).toBe('Ann joined')
    expect(said({ kind: 'left', name: 'Ann' })).toBe('Ann left')
    expect(said({ kind: 'renamed', name: 'Zoe', was: 'Ann' })).toBe('Ann is now Zoe')
    expect(said({ kind: 'ended', name: 'Ann' })).toBe('Ann is no longer here')
  })
})

describe('what is wrong with the history', () => {
  const notes = (corrupt: number, problem: 'full' | 'unavailable' | null) =>
    mount(HistoryNote, { props: { history: { corrupt, problem } }, global })
      .findAll('[data-testid=history-note]')
      .map((one) => one.text())

  it('is said in plain words', () => {
    expect(notes(0, null)).toEqual([])
    expect(notes(1, null)).toEqual(['1 stored message could not be read'])
    expect(notes(2, null)).toEqual(['2 stored messages could not be read'])
    expect(notes(0, 'full').join()).toContain('Storage is full')
    expect(notes(0, 'unavailable').join()).toContain('cannot store messages')
  })
})
