import { computed, type Ref, shallowRef } from 'vue'

/** What is being written, kept apart for each room while the panel lives. */
export function createDrafts(login: Readonly<Ref<string | null>>) {
  const drafts = shallowRef<ReadonlyMap<string, string>>(new Map())
  return computed({
    get: () => drafts.value.get(login.value ?? '') ?? '',
    set(text: string) {
      const next = new Map(drafts.value)
      if (text === '') next.delete(login.value ?? '')
      else next.set(login.value ?? '', text)
      drafts.value = next
    },
  })
}
