import { computed, type Ref, ref, watch } from 'vue'
import type { MessageView } from '../protocol/host-port'

/**
 * Counts others' messages that came while nobody could see them: the panel collapsed, its list scrolled up or held, its tab
 * in the background. Remembers the first of them when they were seen, too, so that a line can be drawn above it.
 */
export function createUnread(collapsed: Readonly<Ref<boolean>>) {
  const unread = ref(0)
  /** The id of the first that came unseen; it stays until others do, or the viewer answers. */
  const first = ref<string | null>(null)
  const atBottom = ref(true)
  /** Whether the tab is in sight. */
  const visible = ref(true)
  const seen = computed(() => atBottom.value && visible.value && !collapsed.value)
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
    first.value = null
  }

  function count(fresh: readonly MessageView[]): void {
    if (seen.value) return
    const others = fresh.filter(({ mine, ms }) => !mine && ms > since)
    const [oldest] = others
    if (unread.value === 0 && oldest) first.value = oldest.id
    unread.value += others.length
  }

  /** Whoever speaks has read what they answer. */
  function spoke(): void {
    first.value = null
  }

  return { unread, first, atBottom, visible, begin, count, spoke }
}
