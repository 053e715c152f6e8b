import { computed, type Ref, ref, watch } from 'vue'

/** A room counts as empty when nobody else was in it for so long (ms): links take some seconds, and a reload drops them. */
export const EMPTY_MS = 6_000

interface Seen {
  collapsed: Readonly<Ref<boolean>>
  /** People in the room, oneself among them. */
  memberCount: Readonly<Ref<number>>
  /** Whether the room object is there: without it nobody is introduced, and being alone means nothing. */
  isReachable: Readonly<Ref<boolean>>
  now?(): number
}

/** Remembers, while the panel is collapsed, that somebody came into a room that had been empty. */
export function createCompany({ collapsed, memberCount, isReachable, now = Date.now }: Seen) {
  const cameIn = ref(false)
  let emptySince: number | undefined

  const isEmpty = computed(() => memberCount.value <= 1)

  function look(): void {
    if (!isEmpty.value) {
      if (emptySince !== undefined && now() - emptySince >= EMPTY_MS) cameIn.value = collapsed.value
      emptySince = undefined
      return
    }
    cameIn.value = false
    emptySince = isReachable.value ? (emptySince ?? now()) : undefined
  }

  /** Another room: whoever is in that one was never missed. */
  function begin(): void {
    cameIn.value = false
    emptySince = undefined
    look()
  }

  watch([isEmpty, isReachable], look, { flush: 'sync', immediate: true })
  watch(collapsed, () => (cameIn.value = false), { flush: 'sync' })

  return { cameIn, begin }
}
