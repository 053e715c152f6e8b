import { beforeEach, describe, expect, it } from 'vitest'
import { ControlError, type IdentityView } from '../../../protocol/control'
import { accountIdSchema } from '../../../protocol/device'
import { Names } from '../../../services/identity/names'

const accountId = accountIdSchema.parse('A'.repeat(22))

let asked: { name: string; signal: AbortSignal; answer(available: boolean): void }[]
let calls: string[]
let view: IdentityView
let renames: (name: string) => Promise<string>
let names: Names

beforeEach(() => {
  asked = []
  calls = []
  view = { state: 'signed-in', accountId, displayName: 'AmberOtter417' }
  renames = async (name) => name
  names = new Names({
    worker: {
      nameAvailability: (name, signal) =>
        new Promise((resolve, reject) => {
          signal.addEventListener('abort', () => reject(new ControlError('worker_unreachable')))
          asked.push({ name, signal, answer: (available) => resolve({ available }) })
        }),
      suggestNames: async (like) => [`like ${like}`],
      rename: (name) => {
        calls.push(`rename ${name}`)
        return renames(name)
      },
    },
    identity: {
      asMember: (ask) => {
        calls.push('as member')
        return ask()
      },
      renewPassport: async () => {
        calls.push('renew')
      },
      view: async () => view,
    },
  })
})

describe('names', () => {
  it('are asked for one at a time: a newer question calls the older one off', async () => {
    const first = names.availability('Gre')
    const second = names.availability('Grebe')
    await expect(first).rejects.toEqual(new ControlError('worker_unreachable'))
    expect(asked.map(({ signal }) => signal.aborted)).toEqual([true, false])
    asked[1]?.answer(true)
    expect(await second).toEqual({ available: true })
    void names.availability('Grebes')
    expect(asked.map(({ signal }) => signal.aborted)).toEqual([true, false, false])
  })

  it('are asked for and taken in NFC, without white space around them', async () => {
    void names.availability(' Zoe\u0308 ')
    expect(asked[0]?.name).toBe('Zoë')
    await names.rename(' Zoe\u0308 ')
    expect(calls).toContain('rename Zoë')
  })

  it('are suggested, also like another one', async () => {
    expect(await names.suggest()).toEqual(['like undefined'])
    expect(await names.suggest('Zoë')).toEqual(['like Zoë'])
    expect(calls).toEqual(['as member', 'as member'])
  })

  it('once taken get a passport at once, after the Worker has said yes and not before', async () => {
    const renamed = await names.rename('Grebe')
    expect(calls).toEqual(['as member', 'rename Grebe', 'renew'])
    // Also while the passport could not be had.
    expect(renamed).toEqual({ state: 'signed-in', accountId, displayName: 'Grebe' })
    calls = []
    renames = () => Promise.reject(new ControlError('name_taken'))
    await expect(names.rename('Grebe')).rejects.toEqual(new ControlError('name_taken'))
    expect(calls).not.toContain('renew')
  })

  it('are nobody’s who has signed out meanwhile', async () => {
    view = { state: 'signed-out' }
    await expect(names.rename('Grebe')).rejects.toEqual(new ControlError('signed_out'))
  })
})
