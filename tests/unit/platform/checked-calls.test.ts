import { beforeEach, describe, expect, it } from 'vitest'
import { type CheckedCalls, checkedCalls } from '../../../platform/checked-calls'
import { CALLED_BY } from '../../../protocol/attention'
import { NO_EMOTES } from '../../../protocol/emotes'

const ACCOUNT = 'A'.repeat(22)
const KEY = '8b2f2b0e-6c5e-4a53-9d5a-0c1d2e3f4a5b'

describe('what a panel calls on the host', () => {
  let calls: unknown[][]
  let panel: CheckedCalls

  beforeEach(() => {
    calls = []
    const call =
      <T>(name: string, answer: T) =>
      async (...args: unknown[]): Promise<T> => {
        calls.push([name, ...args])
        return answer
      }
    panel = checkedCalls({
      snapshot: () => Promise.reject(new Error('not asked for here')),
      say: call('say', { accepted: true as const }),
      sayAgain: call('sayAgain', undefined),
      discard: call('discard', undefined),
      older: call('older', { messages: [], more: true }),
      search: call('search', { messages: [], more: true }),
      writing: call('writing', undefined),
      clearHistory: call('clearHistory', undefined),
      setLinkedOnly: call('setLinkedOnly', true),
      moderate: call('moderate', true),
      report: call('report', { to: 'operator' as const }),
      dismissReport: call('dismissReport', undefined),
      setAway: call('setAway', undefined),
      person: call('person', null),
      attend: call('attend', undefined),
      draft: call('draft', null),
      keepDraft: call('keepDraft', undefined),
      choose: call('choose', true),
      setCollapsed: call('setCollapsed', undefined),
      reconnectNow: call('reconnectNow', undefined),
      about: call('about', null),
      emotes: call('emotes', NO_EMOTES),
    })
  })

  it('passes on what has the right shape', async () => {
    expect(await panel.say(KEY, 'hello')).toEqual({ accepted: true })
    await panel.say(KEY, 'waves', { me: true, reply: 'id' })
    await panel.say(KEY, 'hello', null)
    expect(await panel.older('id')).toEqual({ messages: [], more: true })
    expect(await panel.search('words')).toEqual({ messages: [], more: true })
    await panel.sayAgain(KEY)
    await panel.discard(KEY)
    await panel.writing(false)
    await panel.setCollapsed(true)
    expect(await panel.setLinkedOnly(false)).toBe(true)
    await panel.clearHistory('whatever')
    await panel.reconnectNow()
    expect(await panel.about()).toBeNull()
    await panel.setAway(true)
    expect(await panel.moderate({ act: 'ban', account: ACCOUNT, name: 'CalmHeron' })).toBe(true)
    for (const wrong of [null, { act: 'ban' }, { act: 'slow', seconds: -1 }, { act: 'clear', more: 1 }])
      expect(await panel.moderate(wrong)).toBe(false)
    await panel.person(ACCOUNT)
    expect(await panel.choose(ACCOUNT, 'CalmHeron', 'blocked')).toBe(true)
    await panel.choose(ACCOUNT, 'CalmHeron', null)
    expect(calls).toEqual([
      ['say', KEY, 'hello', undefined],
      ['say', KEY, 'waves', { me: true, reply: 'id' }],
      ['say', KEY, 'hello', undefined],
      ['older', 'id'],
      ['search', 'words'],
      ['sayAgain', KEY],
      ['discard', KEY],
      ['writing', false],
      ['setCollapsed', true],
      ['setLinkedOnly', false],
      ['clearHistory'],
      ['reconnectNow'],
      ['about'],
      ['setAway', true],
      ['moderate', { act: 'ban', account: ACCOUNT, name: 'CalmHeron' }],
      ['person', ACCOUNT],
      ['choose', ACCOUNT, 'CalmHeron', 'blocked'],
      ['choose', ACCOUNT, 'CalmHeron', null],
    ])
  })

  it.each([
    [undefined, 'hello'],
    ['', 'hello'],
    [`${KEY}0`, 'hello'],
    [`${KEY}\n`, 'hello'],
    ['x'.repeat(36), 'hello'],
    [KEY, undefined],
    [KEY, ['hello']],
    [KEY, 'x'.repeat(10_001)],
    [[KEY], 'hello'],
  ])('says nothing of the wrong shape (%#)', async (key, text) => {
    expect(await panel.say(key, text)).toEqual({ refused: 'text-not-allowed' })
    expect(calls).toEqual([])
  })

  it.each([1, '', [], ['id'], { me: false }, { me: 1 }, { reply: '' }, { reply: ['id'] }, { loud: true }])(
    'says nothing in a way that does not exist (%j)',
    async (how) => {
      expect(await panel.say(KEY, 'hello', how)).toEqual({ refused: 'text-not-allowed' })
      expect(calls).toEqual([])
    },
  )

  it('searches for nothing of the wrong shape', async () => {
    for (const nonsense of [undefined, 1, ['words'], 'x'.repeat(10_001)])
      expect(await panel.search(nonsense)).toEqual({ messages: [], more: false })
    expect(calls).toEqual([])
  })

  it.each([undefined, null, 1, '', {}, ['id'], 'x'.repeat(101)])(
    'does nothing with %j instead of the right thing',
    async (nonsense) => {
      expect(await panel.older(nonsense)).toEqual({ messages: [], more: false })
      await panel.sayAgain(nonsense)
      await panel.discard(nonsense)
      await panel.writing(nonsense)
      await panel.setCollapsed(nonsense)
      expect(calls).toEqual([])
    },
  )

  it('keeps drafts as they are written, and nothing else', async () => {
    const draft = { text: 'half', reply: { id: 'id', name: 'CalmHeron', mine: true } }
    await panel.keepDraft('place', { ...draft, loud: true })
    await panel.keepDraft('place', { text: '', reply: null })
    await panel.draft('place')
    const kept = [...calls]
    const nonsense = [
      null,
      'half',
      {},
      { text: 1, reply: null },
      { text: 'half' },
      { text: 'half', reply: {} },
    ]
    for (const one of nonsense) await panel.keepDraft('place', one)
    await panel.keepDraft('place', { text: 'half', reply: { id: 'id', name: ['x'] } })
    await panel.keepDraft('', { text: '', reply: null })
    expect(await panel.draft(['place'])).toBeNull()
    expect(kept).toEqual([
      ['keepDraft', 'place', draft],
      ['keepDraft', 'place', { text: '', reply: null }],
      ['draft', 'place'],
    ])
    expect(calls).toEqual(kept)
  })

  it('names notifications after who calls where nobody says otherwise', async () => {
    await panel.attend({}, 'called')
    await panel.attend({}, 1)
    expect(calls.map(([, , title]) => title)).toEqual(['called', CALLED_BY])
  })
})
