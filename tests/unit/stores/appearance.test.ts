import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import { type Appearance, appearanceFrom, DEFAULT_APPEARANCE } from '../../../protocol/appearance'
import { useAppearanceStore } from '../../../stores/appearance'

/** Settings as several pages share them; saving takes until `settle`. */
class Shelf {
  kept: Appearance = DEFAULT_APPEARANCE
  broken = false
  #listeners = new Set<(appearance: Appearance) => void>()
  #waiting: (() => void)[] = []

  load = async () => {
    if (this.broken) throw new Error('no storage')
    return this.kept
  }
  save = async (appearance: Appearance) => {
    await new Promise<void>((done) => this.#waiting.push(done))
    if (this.broken) throw new Error('no storage')
    this.kept = appearance
    this.tell(appearance)
  }
  onChanged = (listener: (appearance: Appearance) => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
  tell(appearance: Appearance): void {
    for (const listener of this.#listeners) listener(appearance)
  }
  async settle(): Promise<void> {
    for (const done of this.#waiting.splice(0)) done()
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
  }
}

describe('what was stored', () => {
  it.each([undefined, null, 7, 'dark', [], { theme: 'pink' }, { theme: ['dark'] }])(
    '%j is as if nothing had been chosen',
    (stored) => expect(appearanceFrom(stored)).toEqual(DEFAULT_APPEARANCE),
  )

  it('counts part by part', () => {
    const stored = { theme: 'light', textSize: 99, clock: 'h23', more: 1 }
    expect(appearanceFrom(stored)).toEqual({
      ...DEFAULT_APPEARANCE,
      theme: 'light',
      textSize: 'normal',
      clock: 'h23',
      motion: 'auto',
    })
  })
})

describe('the appearance', () => {
  let shelf: Shelf
  beforeEach(() => {
    setActivePinia(createPinia())
    shelf = new Shelf()
  })

  it('is what was kept, and follows other pages until detached', async () => {
    shelf.kept = { ...DEFAULT_APPEARANCE, theme: 'light', textSize: 'large', clock: 'h12', motion: 'still' }
    const store = useAppearanceStore()
    const detach = await store.attach(shelf)
    expect([store.theme, store.textSize, store.clock]).toEqual(['light', 'large', 'h12'])
    shelf.tell({ ...shelf.kept, theme: 'dark' })
    expect(store.theme).toBe('dark')
    detach()
    shelf.tell({ ...shelf.kept, theme: 'light' })
    expect(store.theme).toBe('dark')
  })

  it('is the usual one where storage is away', async () => {
    shelf.broken = true
    const store = useAppearanceStore()
    await store.attach(shelf)
    expect(store.theme).toBe('auto')
    expect(store.failed).toBe(false)
  })

  it('shows a choice at once and keeps the rest', async () => {
    shelf.kept = { ...DEFAULT_APPEARANCE, theme: 'auto', textSize: 'large', clock: 'auto', motion: 'auto' }
    const store = useAppearanceStore()
    await store.attach(shelf)
    const choosing = store.choose({ theme: 'dark' })
    expect(store.theme).toBe('dark')
    await shelf.settle()
    expect(await choosing).toBe(true)
    expect(shelf.kept).toEqual({
      ...DEFAULT_APPEARANCE,
      theme: 'dark',
      textSize: 'large',
      clock: 'auto',
      motion: 'auto',
    })
  })

  it('does not fall back to an older choice while a newer one is being saved', async () => {
    const store = useAppearanceStore()
    await store.attach(shelf)
    const first = store.choose({ textSize: 'large' })
    const second = store.choose({ textSize: 'larger' })
    shelf.tell({ ...DEFAULT_APPEARANCE, textSize: 'large' })
    expect(store.textSize).toBe('larger')
    await shelf.settle()
    await Promise.all([first, second])
    expect(store.textSize).toBe('larger')
    expect(shelf.kept.textSize).toBe('larger')
  })

  it('keeps a choice on screen that could not be saved, and says so until one could', async () => {
    const store = useAppearanceStore()
    await store.attach(shelf)
    shelf.broken = true
    const lost = store.choose({ theme: 'light' })
    await shelf.settle()
    expect(await lost).toBe(false)
    expect([store.theme, store.failed]).toEqual(['light', true])
    shelf.broken = false
    const kept = store.choose({ theme: 'dark' })
    expect(store.failed).toBe(false)
    await shelf.settle()
    expect(await kept).toBe(true)
    expect(store.failed).toBe(false)
  })
})
