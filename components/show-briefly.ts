import { onBeforeUnmount, ref } from 'vue'

/** A value that shows for a while (ms), and then goes. */
export function useShownBriefly<Value>(ms: number) {
  const value = ref<Value | null>(null)
  let timer: ReturnType<typeof setTimeout> | undefined

  function show(next: Value): void {
    value.value = next
    clearTimeout(timer)
    timer = setTimeout(() => (value.value = null), ms)
  }

  onBeforeUnmount(() => clearTimeout(timer))
  return { value, show }
}
