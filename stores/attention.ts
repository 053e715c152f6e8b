import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import {
  type AttentionSource,
  DEFAULT_ATTENTION,
  MAX_WORD_LENGTH,
  MAX_WORDS,
  type NotificationPermission,
} from '../protocol/attention'
import { createKeptSettings } from './kept-settings'

/** Why a word was not added. */
export type WordFault = 'too-long' | 'too-many' | 'known'

/** What may call the viewer. */
export const useAttentionStore = defineStore('attention', () => {
  const { chosen, failed, attach: follow, choose } = createKeptSettings(DEFAULT_ATTENTION)
  /** The browser was asked, and said no. */
  const refused = ref(false)
  let permission: NotificationPermission | null = null

  async function attach(source: AttentionSource, browser?: NotificationPermission): Promise<() => void> {
    permission = browser ?? null
    const stop = await follow(source)
    // Taken back in the browser's own settings: then nothing is promised here.
    if (chosen.value.notify && permission && !(await permission.isGranted().catch(() => true)))
      await choose({ notify: false })
    return stop
  }

  /** Turns notifications on or off. Only in answer to a click: the browser asks the viewer the first time. */
  async function setNotify(now: boolean): Promise<void> {
    // Before anything is awaited, or the click would be over.
    const asked = now ? permission?.request() : undefined
    refused.value = now && !(await asked?.catch(() => false))
    await choose({ notify: now && !refused.value })
  }

  /** Adds a word that the viewer wants to be called by. Returns why not, if so. */
  function addWord(text: string): WordFault | null {
    const word = text.trim().replace(/\s+/gu, ' ')
    const { words } = chosen.value
    if (word === '') return null
    if (word.length > MAX_WORD_LENGTH) return 'too-long'
    if (words.some((one) => one.toLowerCase() === word.toLowerCase())) return 'known'
    if (words.length >= MAX_WORDS) return 'too-many'
    void choose({ words: [...words, word] })
    return null
  }

  function removeWord(word: string): void {
    void choose({ words: chosen.value.words.filter((one) => one !== word) })
  }

  return {
    chosen,
    notify: computed(() => chosen.value.notify),
    preview: computed(() => chosen.value.preview),
    sound: computed(() => chosen.value.sound),
    badge: computed(() => chosen.value.badge),
    words: computed(() => chosen.value.words),
    quietUntil: computed(() => chosen.value.quietUntil),
    failed,
    refused,
    attach,
    choose,
    setNotify,
    addWord,
    removeWord,
  }
})
