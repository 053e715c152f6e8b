import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import { type Emote, type EmoteProvider, type EmoteSet, type EmotesView, NO_EMOTES } from '../protocol/emotes'
import { useRoomStore } from './room'

/** What was picked last and is offered first. */
const MAX_RECENT = 32

export interface FoundEmote extends Emote {
  provider: EmoteProvider
  scope: EmoteSet['scope']
}

interface EmotesSource {
  load(): Promise<EmotesView>
  /** What was picked last, on this browser, the latest first: texts as they go into a message. */
  recent: { load(): Promise<readonly string[]>; save(texts: readonly string[]): Promise<void> }
}

/** The emotes that go in the channel of this tab, and what the viewer picked last. */
export const useEmotesStore = defineStore('emotes', () => {
  const room = useRoomStore()
  const view = shallowRef(NO_EMOTES)
  const recent = shallowRef<readonly string[]>([])

  const sets = computed(() => view.value.sets)
  const allowed = computed(() => view.value.allowed)
  const unreachable = computed(() => view.value.unreachable)
  /** By code; the first set that has it counts. */
  const byCode = computed(() => {
    const found = new Map<string, FoundEmote>()
    for (const { provider, scope, emotes } of sets.value)
      for (const emote of emotes)
        if (!found.has(emote.code)) found.set(emote.code, { ...emote, provider, scope })
    return found
  })

  let source: EmotesSource | null = null
  let newest = 0
  let again: ReturnType<typeof setTimeout> | undefined

  /** Starts to follow the room's channel. Returns what ends it. */
  function attach(to: EmotesSource): () => void {
    source = to
    void to.recent.load().then(
      (texts) => {
        recent.value = texts
      },
      () => {},
    )
    const stop = watch([() => room.login, () => room.hostState, () => room.collapsed], follow, {
      immediate: true,
    })
    document.addEventListener('visibilitychange', follow)
    return () => {
      stop()
      document.removeEventListener('visibilitychange', follow)
      clearTimeout(again)
      source = null
    }
  }

  /** Another channel's emotes are not this one's; those of a host that starts anew are. */
  function follow(now?: unknown, before?: unknown): void {
    const isOther = Array.isArray(now) && Array.isArray(before) && now[0] !== before[0]
    if (isOther) view.value = { ...view.value, sets: sets.value.filter(({ scope }) => scope === 'global') }
    void refresh()
  }

  /** Asks the host. A panel that nobody sees asks nothing. */
  async function refresh(): Promise<void> {
    newest += 1
    const turn = newest
    clearTimeout(again)
    if (!source || room.hostState !== 'open' || room.collapsed || document.hidden) return
    const next = await source.load().catch(() => undefined)
    if (!next || turn !== newest) return
    view.value = next
    if (next.askAgainMs !== undefined) again = setTimeout(() => void refresh(), next.askAgainMs)
  }

  /** Something was picked: it is offered first from now on. */
  function picked(text: string): void {
    recent.value = [text, ...recent.value.filter((one) => one !== text)].slice(0, MAX_RECENT)
    source?.recent.save(recent.value).catch(() => {})
  }

  return { allowed, sets, unreachable, byCode, recent, attach, refresh, picked }
})
