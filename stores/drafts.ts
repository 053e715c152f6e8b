import { computed, type Ref, shallowRef, watch } from 'vue'
import { type Draft, type DraftKeeper, EMPTY_DRAFT } from '../protocol/draft'
import type { ReplyView } from '../protocol/host-port'

/** What is being written, kept apart for each place: a room, and who speaks there. */
export function createDrafts(place: Readonly<Ref<string | null>>) {
  const drafts = shallowRef<ReadonlyMap<string, Draft>>(new Map())
  let keeper: DraftKeeper | null = null
  const current = computed(() => drafts.value.get(place.value ?? '') ?? EMPTY_DRAFT)

  function put(at: string, draft: Draft): void {
    drafts.value = new Map(drafts.value).set(at, draft)
  }

  function change(part: Partial<Draft>): void {
    if (place.value === null) return
    const next = { ...current.value, ...part }
    put(place.value, next)
    keeper?.save(place.value, next)
  }

  /** What was kept counts until something else is written here. */
  async function recover(at: string | null): Promise<void> {
    if (at === null || drafts.value.has(at)) return
    const kept = await keeper?.load(at).catch(() => null)
    if (kept && !drafts.value.has(at)) put(at, kept)
  }

  watch(place, recover, { flush: 'sync' })

  return {
    text: computed({ get: () => current.value.text, set: (text: string) => change({ text }) }),
    reply: computed({
      get: () => current.value.reply,
      set: (reply: ReplyView | null) => change({ reply }),
    }),
    /** Whoever keeps drafts is back, and may have missed the last of this one. */
    again(): void {
      const draft = drafts.value.get(place.value ?? '')
      if (place.value !== null && draft) keeper?.save(place.value, draft)
    },
    /** From now on drafts are kept, and what was kept before comes back. */
    attach(to: DraftKeeper): void {
      keeper = to
      void recover(place.value)
    },
  }
}
