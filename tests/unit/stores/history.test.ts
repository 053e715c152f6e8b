import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import { ControlError } from '../../../protocol/control'
import { useHistoryStore } from '../../../stores/history'

describe('the history store', () => {
  let history: ReturnType<typeof useHistoryStore>
  let calls: string[]
  let fault: Error | undefined

  beforeEach(() => {
    setActivePinia(createPinia())
    history = useHistoryStore()
    calls = []
    fault = undefined
    const call = async (name: string) => {
      calls.push(name)
      if (fault) throw fault
    }
    history.attach({
      exportHistory: async () => {
        await call('export')
        return '[]'
      },
      clearHistory: () => call('clear'),
    })
  })

  it('exports and clears', async () => {
    expect(await history.exportHistory()).toBe('[]')
    expect(history.done).toBe('exported')
    expect(await history.clearHistory()).toBe(true)
    expect(history.done).toBe('cleared')
    expect(calls).toEqual(['export', 'clear'])
  })

  it('says why it could not, and not for longer than that', async () => {
    fault = new ControlError('worker_unreachable')
    expect(await history.clearHistory()).toBe(false)
    expect(history.problem).toEqual({ code: 'worker_unreachable' })
    expect(history.done).toBeNull()
    fault = new TypeError('boom')
    expect(await history.exportHistory()).toBeNull()
    expect(history.problem).toEqual({ code: 'internal' })
    fault = undefined
    await history.exportHistory()
    expect(history.problem).toBeNull()
  })

  it('takes one step at a time', async () => {
    const first = history.exportHistory()
    expect(history.busy).toBe(true)
    expect(await history.clearHistory()).toBe(false)
    await first
    expect(history.busy).toBe(false)
    expect(calls).toEqual(['export'])
  })
})
