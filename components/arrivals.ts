import { onBeforeUnmount, ref, watch } from 'vue'

/** So much comes so soon (ms) that rows move under a pointer. */
const FAST = { count: 3, ms: 2_000 } as const
/** So much that nobody can have it read aloud. */
const FLOOD = { count: 15, ms: 10_000 } as const

/** How fast a list grows. `newest` names its last row. */
export function useArrivals(newest: () => string | undefined) {
  const times: number[] = []
  const isFlood = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined

  function within({ count, ms }: { count: number; ms: number }): boolean {
    const first = times.at(-count)
    return first !== undefined && performance.now() - first < ms
  }

  watch(newest, () => {
    times.push(performance.now())
    if (times.length > FLOOD.count) times.shift()
    if (!within(FLOOD)) return
    isFlood.value = true
    clearTimeout(timer)
    timer = setTimeout(() => (isFlood.value = false), FLOOD.ms)
  })
  onBeforeUnmount(() => clearTimeout(timer))

  return { isFast: () => within(FAST), isFlood }
}
