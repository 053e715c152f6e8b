import { beforeEach, describe, expect, it } from 'vitest'
import { accountIdSchema } from '../../../protocol/device'
import type { PersonChoice } from '../../../protocol/people'
import { type ChoiceStore, PersonChoices } from '../../../services/people/person-choices'
import { VirtualClock } from '../world/virtual-clock'

const account = (name: string) => accountIdSchema.parse(name.padEnd(22, 'A'))
const [ME, OTHER_ME, HERON, LYNX] = ['me', 'otherme', 'heron', 'lynx'].map(account) as [
  never,
  never,
  never,
  never,
]

/** Storage that breaks when told to. */
class MemoryChoices implements ChoiceStore {
  readonly kept = new Map<string, PersonChoice>()
  isBroken = false
  loads = 0
  /** What is read takes until this resolves. */
  slow: Promise<unknown> = Promise.resolve()

  async load(owner: string): Promise<PersonChoice[]> {
    this.loads++
    await this.slow
    this.#check()
    return [...this.kept].filter(([key]) => key.startsWith(owner)).map(([, choice]) => choice)
  }

  async put(owner: string, choice: PersonChoice): Promise<void> {
    this.#check()
    this.kept.set(`${owner} ${choice.accountId}`, choice)
  }

  async remove(owner: string, of: string): Promise<void> {
    this.#check()
    this.kept.delete(`${owner} ${of}`)
  }

  #check(): void {
    if (this.isBroken) throw new Error('no storage')
  }
}

describe('whom a viewer has muted or blocked', () => {
  let clock: VirtualClock
  let store: MemoryChoices
  let changes: number
  let choices: PersonChoices
  const open = () => new PersonChoices({ clock, store, onChange: () => changes++ })

  beforeEach(async () => {
    clock = new VirtualClock()
    store = new MemoryChoices()
    changes = 0
    choices = open()
    await choices.become(ME)
  })

  it('holds at once, is told, and is there the next time', async () => {
    const kept = choices.choose(HERON, 'CalmHeron', 'muted')
    expect(choices.standingOf(HERON)).toBe('muted')
    expect(choices.isBlocked(HERON)).toBe(false)
    expect(changes).toBe(1)
    expect(await kept).toBe(true)
    clock.advance(1)
    await choices.choose(LYNX, 'QuickLynx', 'blocked')
    expect(choices.isBlocked(LYNX)).toBe(true)
    const next = open()
    await next.become(ME)
    expect(next.all.map(({ name, standing }) => [name, standing])).toEqual([
      ['QuickLynx', 'blocked'],
      ['CalmHeron', 'muted'],
    ])
  })

  it('is one thing about each, and can be undone', async () => {
    await choices.choose(HERON, 'CalmHeron', 'muted')
    await choices.choose(HERON, 'CalmHeron', 'blocked')
    expect(choices.all).toHaveLength(1)
    await choices.choose(HERON, 'CalmHeron', null)
    expect([choices.standingOf(HERON), choices.all, store.kept.size]).toEqual([null, [], 0])
  })

  it('is never oneself, and nobody while nobody is signed in', async () => {
    expect(await choices.choose(ME, 'BraveOtter', 'blocked')).toBe(false)
    await choices.become(null)
    expect(await choices.choose(HERON, 'CalmHeron', 'blocked')).toBe(false)
    expect([choices.all, store.kept.size]).toEqual([[], 0])
  })

  it('is each account’s own', async () => {
    await choices.choose(HERON, 'CalmHeron', 'muted')
    await choices.become(OTHER_ME)
    expect(choices.all).toEqual([])
    await choices.choose(LYNX, 'QuickLynx', 'muted')
    await choices.become(ME)
    expect(choices.all.map(({ name }) => name)).toEqual(['CalmHeron'])
  })

  it('holds where it cannot be kept, and says so', async () => {
    store.isBroken = true
    expect(await choices.choose(HERON, 'CalmHeron', 'blocked')).toBe(false)
    expect(choices.isBlocked(HERON)).toBe(true)
    store.isBroken = false
    expect(await choices.choose(LYNX, 'QuickLynx', 'muted')).toBe(true)
  })

  it('is read again until storage works, without losing what was chosen meanwhile', async () => {
    await choices.choose(HERON, 'CalmHeron', 'muted')
    const next = open()
    store.isBroken = true
    await next.become(ME)
    expect(next.all).toEqual([])
    expect(await next.choose(HERON, 'CalmHeron', 'blocked')).toBe(false)
    expect(await next.choose(LYNX, 'QuickLynx', 'muted')).toBe(false)
    store.isBroken = false
    const loads = store.loads
    clock.advance(10_000)
    await new Promise((resolve) => setTimeout(resolve, 0))
    expect(store.loads).toBe(loads + 1)
    expect(new Map(next.all.map(({ name, standing }) => [name, standing]))).toEqual(
      new Map([
        ['CalmHeron', 'blocked'],
        ['QuickLynx', 'muted'],
      ]),
    )
  })

  it('takes nothing over that was read for somebody else', async () => {
    await choices.choose(HERON, 'CalmHeron', 'muted')
    const next = open()
    let answer = (_: unknown) => {}
    store.slow = new Promise((resolve) => {
      answer = resolve
    })
    const first = next.become(ME)
    store.slow = Promise.resolve()
    await next.become(OTHER_ME)
    answer(null)
    await first
    expect(next.all).toEqual([])
  })
})
