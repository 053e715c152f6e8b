import { defineStore } from 'pinia'
import { computed } from 'vue'
import { DEFAULT_APPEARANCE } from '../protocol/appearance'
import { createKeptSettings } from './kept-settings'

/** How Sidestream looks: what the viewer chose, on every page alike. */
export const useAppearanceStore = defineStore('appearance', () => {
  const { chosen, failed, attach, choose } = createKeptSettings(DEFAULT_APPEARANCE)
  return {
    theme: computed(() => chosen.value.theme),
    textSize: computed(() => chosen.value.textSize),
    clock: computed(() => chosen.value.clock),
    hold: computed(() => chosen.value.hold),
    motion: computed(() => chosen.value.motion),
    density: computed(() => chosen.value.density),
    times: computed(() => chosen.value.times),
    comings: computed(() => chosen.value.comings),
    language: computed(() => chosen.value.language),
    failed,
    attach,
    choose,
  }
})
