import { beforeEach, describe, expect, it } from 'vitest'
import { type CheckedCalls, checkedCalls } from '../../../platform/checked-calls'

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
      writing: call('writing', undefined),
      clearHistory: call('clearHistory', undefined),
      setLinkedOnly: call('setLinkedOnly', true),
      setCollapsed: call('setCollapsed', undefined),
      reconnectNow: call('reconnectNow', undefined),
      about: call('about', null),
    })
  })

  it('passes on what has the right shape', async () => {
    expect(await panel.say(KEY, 'hello')).toEqual({ accepted: true })
    expect(await panel.older('id')).toEqual({ messages: [], more: true })
    await panel.sayAgain(KEY)
    await panel.discard(KEY)
    await panel.writing(false)
    await panel.setCollapsed(true)
    expect(await panel.setLinkedOnly(false)).toBe(true)
    await panel.clearHistory('whatever')
    await panel.reconnectNow()
    expect(await panel.about()).toBeNull()
    expect(calls).toEqual([
      ['say', KEY, 'hello'],
      ['older', 'id'],
      ['sayAgain', KEY],
      ['discard', KEY],
      ['writing', false],
      ['setCollapsed', true],
      ['setLinkedOnly', false],
      ['clearHistory'],
      ['reconnectNow'],
      ['about'],
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
})
