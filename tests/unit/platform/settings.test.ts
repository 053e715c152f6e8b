import { beforeEach, describe, expect, it, vi } from 'vitest'
import { appearanceSettings, attentionSettings, chosenLanguage } from '../../../platform/settings'
import { type Appearance, DEFAULT_APPEARANCE } from '../../../protocol/appearance'
import { type Attention, DEFAULT_ATTENTION } from '../../../protocol/attention'

type Changes = Record<string, { oldValue?: unknown; newValue?: unknown }>

const storage = vi.hoisted(() => {
  const listeners = new Set<(changes: Changes) => void>()
  function area() {
    const held: Record<string, unknown> = {}
    const self = {
      held,
      isOff: false,
      async get(key: string) {
        if (self.isOff) throw new Error('turned off')
        return key in held ? { [key]: structuredClone(held[key]) } : {}
      },
      async set(values: Record<string, unknown>) {
        if (self.isOff) throw new Error('turned off')
        Object.assign(held, structuredClone(values))
        for (const [key, newValue] of Object.entries(values))
          for (const listener of listeners) listener({ [key]: { newValue } })
      },
      async remove(key: string) {
        delete held[key]
        for (const listener of listeners) listener({ [key]: { oldValue: 1 } })
      },
    }
    return self
  }
  const onChanged = {
    addListener: (listener: (changes: Changes) => void) => listeners.add(listener),
    removeListener: (listener: (changes: Changes) => void) => listeners.delete(listener),
  }
  return { local: area(), sync: area(), onChanged, listeners }
})
vi.mock('webextension-polyfill', () => ({ default: { storage } }))

const light: Appearance = { ...DEFAULT_APPEARANCE, theme: 'light', textSize: 'small', density: 'compact' }

beforeEach(() => {
  for (const area of [storage.local, storage.sync]) {
    area.isOff = false
    for (const key of Object.keys(area.held)) delete area.held[key]
  }
  storage.listeners.clear()
})

describe('the appearance', () => {
  it('is checked whoever wrote it, and told to every page', async () => {
    expect(await appearanceSettings.load()).toEqual(DEFAULT_APPEARANCE)
    const heard: Appearance[] = []
    const stop = appearanceSettings.onChanged((appearance) => heard.push(appearance))
    await appearanceSettings.save(light)
    expect(await appearanceSettings.load()).toEqual(light)
    await storage.sync.set({ appearance: { theme: 'light', textSize: 'huge' } })
    await storage.sync.set({ another: 1 })
    expect(heard).toEqual([light, { ...DEFAULT_APPEARANCE, theme: 'light' }])
    expect(await appearanceSettings.load()).toEqual(heard[1])
    stop()
    expect(storage.listeners.size).toBe(0)
  })

  it('is what the browsers of the viewer share, taken over from where it was before', async () => {
    await storage.local.set({ appearance: { theme: 'dark', clock: 'h23' } })
    const heard: Appearance[] = []
    appearanceSettings.onChanged((appearance) => heard.push(appearance))
    const taken = { ...DEFAULT_APPEARANCE, theme: 'dark', clock: 'h23' }
    expect(await appearanceSettings.load()).toEqual(taken)
    expect([storage.sync.held.appearance, storage.local.held]).toEqual([taken, {}])
    expect(await appearanceSettings.load()).toEqual(taken)
    expect(heard).toEqual([taken])
  })

  it('is not what was here before, where browsers share one already', async () => {
    await storage.local.set({ appearance: { theme: 'dark' } })
    await storage.sync.set({ appearance: light })
    expect(await appearanceSettings.load()).toEqual(light)
  })

  it('is this browser’s own where nothing is shared', async () => {
    storage.sync.isOff = true
    await appearanceSettings.save(light)
    expect(await appearanceSettings.load()).toEqual(light)
    expect(storage.local.held.appearance).toEqual(light)
  })

  it('says when it could not be saved', async () => {
    storage.sync.set = async () => {
      throw new Error('quota')
    }
    await expect(appearanceSettings.save(light)).rejects.toThrow('quota')
  })

  it('has a language, whatever happens', async () => {
    expect(await chosenLanguage()).toBe('auto')
    storage.sync.isOff = true
    await storage.local.set({ appearance: { language: 'en' } })
    expect(await chosenLanguage()).toBe('en')
    storage.local.isOff = true
    expect(await chosenLanguage()).toBe('auto')
  })
})

describe('what may call the viewer', () => {
  it('never leaves this browser', async () => {
    const wishes: Attention = { ...DEFAULT_ATTENTION, words: ['otter'], notify: true }
    await attentionSettings.save(wishes)
    expect(await attentionSettings.load()).toEqual(wishes)
    expect(storage.sync.held).toEqual({})
  })

  it.each([
    undefined,
    7,
    { words: 'otter' },
    { words: [''] },
    { words: ['x'.repeat(41)] },
    { quietUntil: -1 },
  ])('is as if never chosen where %j was stored', async (stored) => {
    await storage.local.set({ attention: stored })
    expect(await attentionSettings.load()).toEqual(DEFAULT_ATTENTION)
  })

  it('counts part by part', async () => {
    await storage.local.set({ attention: { sound: true, words: 5, notify: 'yes' } })
    expect(await attentionSettings.load()).toEqual({ ...DEFAULT_ATTENTION, sound: true })
  })
})
