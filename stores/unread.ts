import { computed, type Ref, ref, watch } from 'vue'
import type { MessageView } from '../protocol/host-port'

/** Counts others' messages that came while nobody could see them: the panel collapsed, or its list scrolled up. */
export function createUnread(collapsed: Readonly<Ref<boolean>>) {
  const unread = ref(0)
  const atBottom = ref(true)
  const seen = computed(() => atBottom.value && !collapsed.value)
  /** What was said before this (ms) is the past that a newcomer is given, not news. */
  let since = 0

  watch(
    seen,
    (now) => {
      if (now) unread.value = 0
    },
    { flush: 'sync' },
  )

  /** The room came into view at `ms`: nothing in it is unread yet. */
  function begin(ms: number): void {
    since = ms
    unread.value = 0
  }

  function count(fresh: readonly MessageView[]): void {
    if (!seen.value) unread.value += fresh.filter(({ mine, ms }) => !mine && ms > since).length
  }

  return { unread, atBottom, begin, count }
}
