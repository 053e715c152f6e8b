import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import type { NameAvailability } from '../../../protocol/api'
import { ControlError, type ControlErrorCode } from '../../../protocol/control'
import { type NameStatus, useNameStore } from '../../../stores/name'
import { VirtualClock } from '../world/virtual-clock'
import { settled } from './fake-host'

const OWN = 'AmberOtter417'
const PAUSE_MS = 350

/** A call whose answer the test decides. */
interface Pending<T> {
  about: string
  answer(value: T): Promise<unknown>
  fail(code: ControlErrorCode, retryAfter?: number): Promise<unknown>
}

let clock: VirtualClock
let questions: Pending<NameAvailability>[]
let wishes: Pending<string[]>[]
let renames: Pending<void>[]
let store: ReturnType<typeof useNameStore>

const pending = <T>(list: Pending<T>[], about: string) =>
  new Promise<T>((resolve, reject) => {
    list.push({
      about,
      answer: (value) => {
        resolve(value)
        return settled()
      },
      fail: (code, retryAfter) => {
        reject(new ControlError(code, retryAfter))
        return settled()
      },
    })
  })

beforeEach(() => {
  setActivePinia(createPinia())
  clock = new VirtualClock()
  questions = []
  wishes = []
  renames = []
  store = useNameStore()
  store.attach(
    {
      nameAvailability: (name) => pending(questions, name),
      suggestNames: (like) => pending(wishes, like ?? ''),
      rename: async (name) => {
        await pending(renames, name)
        return { state: 'signed-out' }
      },
    },
    (ms, task) => clock.after(ms, task),
  )
  store.begin()
})

const type = (text: string) => store.edit(text, OWN)
const asked = () => questions.map(({ about }) => about)

describe('while a name is typed', () => {
  it('asks once, after a pause', async () => {
    for (const text of ['Gre', 'Greb', 'Grebe']) {
      type(text)
      expect(store.status).toBe('checking')
      clock.advance(PAUSE_MS - 1)
    }
    expect(asked()).toEqual([])
    clock.advance(1)
    expect(asked()).toEqual(['Grebe'])
    await questions[0]?.answer({ available: true })
    expect(store.status).toBe('free')
    // Of earlier texts nothing is left, not even a timer.
    for (const text of ['Her', 'Hero', 'Heron']) type(text)
    expect(clock.pending).toBe(1)
    store.begin()
    expect(clock.pending).toBe(0)
  })

  it.each<[NameAvailability, NameStatus, boolean]>([
    [{ available: true }, 'free', true],
    [{ available: true, reason: 'yours' }, 'yours', true],
    [{ available: false, reason: 'yours' }, 'same', false],
    [{ available: false, reason: 'taken' }, 'taken', false],
    [{ available: false, reason: 'reserved' }, 'reserved', false],
    [{ available: false, reason: 'not_allowed' }, 'not-allowed', false],
    [{ available: false }, 'taken', false],
  ])('shows %j as %s', async (answer, status, canSave) => {
    type('Grebe')
    clock.advance(PAUSE_MS)
    await questions[0]?.answer(answer)
    expect(store.status).toBe(status)
    expect(store.canSave).toBe(canSave)
  })

  it('never shows an answer to an older text, in whatever order they come', async () => {
    type('Grebe')
    clock.advance(PAUSE_MS)
    type('Grebes')
    clock.advance(PAUSE_MS)
    expect(asked()).toEqual(['Grebe', 'Grebes'])
    await questions[0]?.answer({ available: false, reason: 'taken' })
    expect(store.status).toBe('checking')
    await questions[1]?.answer({ available: true })
    expect(store.status).toBe('free')

    type('Heron')
    clock.advance(PAUSE_MS)
    type('Hero')
    clock.advance(PAUSE_MS)
    await questions[3]?.answer({ available: true })
    await questions[2]?.answer({ available: false, reason: 'taken' })
    expect(store.status).toBe('free')
  })

  it('never shows an answer to a text that came back, given to its former self', async () => {
    type('Grebe')
    clock.advance(PAUSE_MS)
    type('Grebes')
    type('Grebe')
    await questions[0]?.fail('worker_unreachable')
    expect(store.status).toBe('checking')
    clock.advance(PAUSE_MS)
    await questions[1]?.answer({ available: true })
    expect(store.status).toBe('free')
  })

  it('nor one that comes once the text is no name, is one’s own, or the field was left', async () => {
    for (const next of ['Gr', OWN, '', 'ann@example.com']) {
      type('Grebe')
      clock.advance(PAUSE_MS)
      type(next)
      const { status } = store
      await questions.at(-1)?.answer({ available: false, reason: 'taken' })
      expect(store.status).toBe(status)
    }
    type('Grebe')
    clock.advance(PAUSE_MS)
    store.begin()
    await questions.at(-1)?.answer({ available: true })
    expect(store.status).toBe('empty')
  })

  it.each<[string, NameStatus]>([
    ['', 'empty'],
    ['   ', 'empty'],
    ['ab', 'too-short'],
    ['x'.repeat(26), 'too-long'],
    ['ann@example.com', 'address'],
    ['two words', 'characters'],
    ['1234', 'letterless'],
    [OWN, 'same'],
    [` ${OWN} `, 'same'],
  ])('asks nobody about %j', (text, status) => {
    type(text)
    expect(store.status).toBe(status)
    clock.advance(PAUSE_MS)
    expect(asked()).toEqual([])
    expect(store.canSave).toBe(false)
    expect(store.draft).toBe(text)
  })

  it('asks about what it would save: in NFC, without white space around it', () => {
    type(' Zoe\u0308 ')
    clock.advance(PAUSE_MS)
    expect(asked()).toEqual(['Zoë'])
  })

  it('lets a name be saved whose state cannot be told', async () => {
    type('Grebe')
    clock.advance(PAUSE_MS)
    await questions[0]?.fail('rate_limited', 2)
    expect(store.status).toBe('unknown')
    expect(store.canSave).toBe(true)
    expect(store.problem).toBeNull()
  })
})

describe('suggestions', () => {
  it('come without and with something to resemble', async () => {
    void store.suggest()
    expect(store.suggesting).toBe(true)
    await wishes[0]?.answer(['BraveWren123'])
    expect(store.suggestions).toEqual(['BraveWren123'])
    expect(store.suggesting).toBe(false)
    type('Zoë')
    void store.suggest()
    await wishes[1]?.answer(['Zoë417'])
    expect(store.suggestions).toEqual(['Zoë417'])
    expect(wishes.map(({ about }) => about)).toEqual(['', 'Zoë'])
  })

  it('tell nobody of an address that was typed by mistake', () => {
    for (const text of ['ann@example.com', ' ann＠example.com', 'x'.repeat(200)]) {
      type(text)
      void store.suggest()
    }
    expect(wishes.map(({ about }) => about)).toEqual(['', '', ''])
  })

  it('are the newest that were asked for', async () => {
    void store.suggest()
    void store.suggest()
    await wishes[1]?.answer(['BraveWren123'])
    await wishes[0]?.answer(['AmberYak999'])
    expect(store.suggestions).toEqual(['BraveWren123'])
    void store.suggest()
    store.begin()
    await wishes[2]?.answer(['AmberYak999'])
    expect(store.suggestions).toEqual([])
    expect(store.suggesting).toBe(false)
  })

  it('stay when others are not to be had, and it is said why', async () => {
    void store.suggest()
    await wishes[0]?.answer(['BraveWren123'])
    void store.suggest()
    await wishes[1]?.fail('rate_limited', 10)
    expect(store.suggestions).toEqual(['BraveWren123'])
    expect(store.suggestionProblem).toEqual({ code: 'rate_limited', retryAfter: 10 })
    void store.suggest()
    expect(store.suggestionProblem).toBeNull()
  })

  it('are asked about at once when one is taken', async () => {
    type('Grebe')
    store.choose('BraveWren123')
    expect(store.draft).toBe('BraveWren123')
    expect(asked()).toEqual(['BraveWren123'])
    clock.advance(PAUSE_MS)
    expect(asked()).toEqual(['BraveWren123'])
    expect(store.canSave).toBe(true)
    await questions[0]?.answer({ available: false, reason: 'taken' })
    expect(store.status).toBe('taken')
  })
})

describe('saving', () => {
  it('takes the name as it would be, once', async () => {
    type(' Zoe\u0308 ')
    const done = store.save()
    expect(store.saving).toBe(true)
    expect(await store.save()).toBe(false)
    expect(renames.map(({ about }) => about)).toEqual(['Zoë'])
    clock.advance(PAUSE_MS)
    expect(asked()).toEqual([])
    await renames[0]?.answer()
    expect(await done).toBe(true)
    expect(store.saved).toBe('Zoë')
    expect(store.status).toBe('same')
    expect(store.saving).toBe(false)
  })

  it('shows no answer to a question that was on its way', async () => {
    type('Grebe')
    clock.advance(PAUSE_MS)
    void store.save()
    await renames[0]?.fail('name_taken')
    expect(store.status).toBe('taken')
    await questions[0]?.answer({ available: true })
    expect(store.status).toBe('taken')
    expect(store.canSave).toBe(false)
  })

  it.each<[ControlErrorCode, NameStatus, boolean]>([
    ['name_taken', 'taken', false],
    ['name_not_allowed', 'not-allowed', false],
    ['renames_exhausted', 'unknown', true],
    ['rate_limited', 'unknown', true],
    ['worker_unreachable', 'unknown', true],
    ['signed_out', 'unknown', true],
  ])('that fails with %s says so, and can be repeated', async (code, status, isTold) => {
    type('Grebe')
    const done = store.save()
    await renames[0]?.fail(code, 3_600)
    expect(await done).toBe(false)
    expect(store.status).toBe(status)
    expect(store.problem).toEqual(isTold ? { code, retryAfter: 3_600 } : null)
    expect(store.saved).toBeNull()
    type('Heron')
    expect(store.problem).toBeNull()
    void store.save()
    await renames[1]?.answer()
    expect(store.saved).toBe('Heron')
  })

  it('is news until another name comes from elsewhere', async () => {
    type('Grebe')
    void store.save()
    await renames[0]?.answer()
    store.follow('Grebe')
    expect(store.saved).toBe('Grebe')
    store.follow('Heron')
    expect(store.saved).toBeNull()
  })

  it('does nothing without a background', async () => {
    setActivePinia(createPinia())
    const loose = useNameStore()
    loose.edit('Grebe', OWN)
    expect(await loose.save()).toBe(false)
    await loose.suggest()
    expect(loose.suggesting).toBe(false)
  })
})
