import { expect, it, vi } from 'vitest'
import { appearanceSettings } from '../../../platform/settings'
import { type Appearance, DEFAULT_APPEARANCE } from '../../../protocol/appearance'

type Listener = (changes: Record<string, { newValue?: unknown }>) => void

const area = vi.hoisted(() => {
  const held: Record<string, unknown> = {}
  const listeners = new Set<Listener>()
  return {
    held,
    listeners,
    get: async (key: string) => (key in held ? { [key]: structuredClone(held[key]) } : {}),
    async set(values: Record<string, unknown>) {
      Object.assign(held, values)
      for (const [key, newValue] of Object.entries(values)) {
        for (const listener of listeners) listener({ [key]: { newValue } })
      }
    },
    onChanged: {
      addListener: (listener: Listener) => listeners.add(listener),
      removeListener: (listener: Listener) => listeners.delete(listener),
    },
  }
})
vi.mock('webextension-polyfill', () => ({ default: { storage: { local: area } } }))

it('settings are checked whoever wrote them, and told to every page', async () => {
  expect(await appearanceSettings.load()).toEqual(DEFAULT_APPEARANCE)
  const heard: Appearance[] = []
  const stop = appearanceSettings.onChanged((appearance) => heard.push(appearance))
  const light: Appearance = { theme: 'light', textSize: 'small', clock: 'h12' }
  await appearanceSettings.save(light)
  expect(await appearanceSettings.load()).toEqual(light)
  await area.set({ appearance: { theme: 'light', textSize: 'huge' } })
  await area.set({ another: 1 })
  expect(heard).toEqual([light, { theme: 'light', textSize: 'normal', clock: 'auto' }])
  expect(await appearanceSettings.load()).toEqual(heard[1])
  stop()
  expect(area.listeners.size).toBe(0)
})
