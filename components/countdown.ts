import { computed, onBeforeUnmount, onMounted, ref, watch } from 'vue'

/** Whole seconds until `end()` (ms since the epoch), 0 afterwards; counts while the component is there. */
export function useCountdown(end: () => number) {
  const now = ref(Date.now())
  const left = computed(() => Math.max(0, Math.ceil((end() - now.value) / 1000)))
  let timer: ReturnType<typeof setInterval> | undefined

  function stop(): void {
    clearInterval(timer)
    timer = undefined
  }
  function count(): void {
    now.value = Date.now()
    if (left.value === 0) stop()
    else timer ??= setInterval(count, 1000)
  }
  onMounted(count)
  onBeforeUnmount(stop)
  watch(end, count)
  return left
}
