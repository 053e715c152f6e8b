import { type ComputedRef, computed, onScopeDispose, ref } from 'vue'
import { EMOTE_IMAGES, type EmoteProvider } from '../protocol/emotes'
import { useAppearanceStore } from '../stores/appearance'
import type { FoundEmote } from '../stores/emotes'

export const PROVIDER_NAMES: Readonly<Record<EmoteProvider, string>> = {
  '7tv': '7TV',
  bttv: 'BetterTTV',
  ffz: 'FrankerFaceZ',
}

/** An emote is this high in a line (px), whatever becomes of its image: no line moves when it comes. */
export const EMOTE_HEIGHT = 28

/** Where an emote's image is, in its usual size or twice that. Built from its id alone: no answer says where to look. */
export function imageOf({ provider, id, animated, single }: FoundEmote, size: 1 | 2, still: boolean): string {
  const base = `${EMOTE_IMAGES[provider]}/emote/${id}`
  const stands = still && animated === true
  const scale = single ? 1 : size
  switch (provider) {
    case '7tv':
      return `${base}/${scale}x${stands ? '_static' : ''}.webp`
    case 'bttv':
      return `${base}${stands ? '/static' : ''}/${scale}x.webp`
    case 'ffz':
      return `${base}${animated && !still ? '/animated' : ''}/${scale}`
  }
}

/** Whether emotes stand still: the viewer, or their system, wants less motion. */
export function useStill(): ComputedRef<boolean> {
  const appearance = useAppearanceStore()
  const query = matchMedia('(prefers-reduced-motion: reduce)')
  const reduced = ref(query.matches)
  const look = () => {
    reduced.value = query.matches
  }
  query.addEventListener('change', look)
  onScopeDispose(() => query.removeEventListener('change', look))
  return computed(() => reduced.value || appearance.motion === 'still')
}
