import { computed, type Ref, ref, watch } from 'vue'

/** Counts what came while nobody could see it: the panel collapsed, or its list scrolled up. */
export function createUnread(collapsed: Readonly<Ref<boolean>>) {
  const unread = ref(0)
  const atBottom = ref(true)
  const seen = computed(() => atBottom.value && !collapsed.value)

  watch(
    seen,
    (now) => {
      if (now) unread.value = 0
    },
    { flush: 'sync' },
  )

  function count(added: number): void {
    if (!seen.value) unread.value += added
  }

  return { unread, atBottom, count }
}
