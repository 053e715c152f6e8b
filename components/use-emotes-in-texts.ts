import { computed, inject, provide } from 'vue'
import { useEmotesStore } from '../stores/emotes'
import { completionSourcesKey } from './completion'
import { emoteCompletion } from './emote-completion'
import { emoteDress } from './emote-dress'
import { useStill } from './emotes'
import { wordDressesKey } from './word-dress'

/** Has messages below show emotes, and composers complete them, behind what is provided above. */
export function useEmotesInTexts(): void {
  const emotes = useEmotesStore()
  const still = useStill()
  const dresses = inject(wordDressesKey, undefined)
  const dress = computed(() => emoteDress((code) => emotes.byCode.get(code), still.value))
  provide(
    wordDressesKey,
    computed(() => [...(dresses?.value ?? []), dress.value]),
  )
  provide(completionSourcesKey, [...inject(completionSourcesKey, []), emoteCompletion(() => emotes.byCode)])
}
