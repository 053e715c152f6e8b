// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import AppearanceSection from '../../../components/AppearanceSection.vue'
import { followAppearance } from '../../../components/dress'
import { createClock } from '../../../components/time'
import { type Appearance, DEFAULT_APPEARANCE } from '../../../protocol/appearance'
import { useAppearanceStore } from '../../../stores/appearance'
import { global } from './translate'

describe('the choice of an appearance', () => {
  let kept: Appearance
  let works: boolean
  let isLight: boolean
  let systemChanged: () => void

  beforeEach(async () => {
    setActivePinia(createPinia())
    kept = DEFAULT_APPEARANCE
    works = true
    isLight = false
    vi.stubGlobal('matchMedia', () => ({
      get matches() {
        return isLight
      },
      addEventListener: (_: string, listener: () => void) => {
        systemChanged = listener
      },
    }))
    await useAppearanceStore().attach({
      load: async () => kept,
      save: async (appearance) => {
        if (!works) throw new Error('full')
        kept = appearance
      },
      onChanged: () => () => {},
    })
  })
  afterEach(() => vi.unstubAllGlobals())

  const dressed = () => [document.documentElement.dataset.theme, document.documentElement.dataset.textSize]

  it('dresses the page: as the system, until another theme is chosen', async () => {
    followAppearance()
    expect(dressed()).toEqual(['dark', 'normal'])
    isLight = true
    systemChanged()
    expect(dressed()).toEqual(['light', 'normal'])
    const section = mount(AppearanceSection, { global })
    await section.get('[data-testid=theme-dark]').setValue()
    await section.get('[data-testid=text-size-larger]').setValue()
    await nextTick()
    expect(dressed()).toEqual(['dark', 'larger'])
    systemChanged()
    expect(dressed()).toEqual(['dark', 'larger'])
    expect(kept).toEqual({ ...DEFAULT_APPEARANCE, theme: 'dark', textSize: 'larger' })
    await section.get('[data-testid=theme-auto]').setValue()
    await nextTick()
    expect(dressed()).toEqual(['light', 'larger'])
  })

  it('shows what holds, each group by its name', async () => {
    await useAppearanceStore().choose({ clock: 'h23' })
    const section = mount(AppearanceSection, { global })
    const checked = section.findAll<HTMLInputElement>('input').filter(({ element }) => element.checked)
    expect(checked.map((one) => one.attributes('data-testid'))).toEqual([
      'theme-auto',
      'text-size-normal',
      'density-cosy',
      'times-shown',
      'clock-h23',
      'motion-auto',
      'hold-hover',
      'comings-auto',
      'language-auto',
    ])
    expect(section.findAll('legend').map((one) => one.text())).toEqual([
      'Theme',
      'Text size',
      'Lines',
      'Times beside messages',
      'Clock',
      'Animated emotes',
      'Pause fast messages',
      'Who comes and goes',
      'Language',
    ])
    expect(new Set(section.findAll('input').map((one) => one.attributes('name'))).size).toBe(9)
  })

  it('says what to do where it cannot be kept', async () => {
    works = false
    const section = mount(AppearanceSection, { global })
    await section.get('[data-testid=theme-light]').setValue()
    await nextTick()
    await nextTick()
    expect(section.get('[role=alert]').text()).toContain('could not be saved')
  })

  it('sets the clock beside messages', () => {
    const evening = new Date(2031, 0, 5, 21, 30).getTime()
    expect(createClock('en').short(evening)).toMatch(/9:30\sPM/)
    expect(createClock('en', 'h23').short(evening)).toBe('21:30')
    expect(createClock('de').short(evening)).toBe('21:30')
    expect(createClock('de', 'h12').short(evening)).toMatch(/9:30\sPM/)
    expect(createClock('en', 'h23').full(evening)).toContain('21:30')
  })
})
