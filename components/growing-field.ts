import { nextTick, onBeforeUnmount, onMounted, type Ref, type ShallowRef, watch } from 'vue'

/** Makes a text field as high as its text. Firefox has no `field-sizing` yet; the largest height is the style's. */
export function useGrowingField(
  field: Readonly<ShallowRef<HTMLTextAreaElement | null>>,
  text: Readonly<Ref<string>>,
): void {
  function grow(): void {
    const element = field.value
    if (!element) return
    element.style.blockSize = 'auto'
    element.style.blockSize = `${element.scrollHeight + element.offsetHeight - element.clientHeight}px`
  }

  // Lines break anew when the panel opens or its width changes.
  let width = 0
  const observer = new ResizeObserver(([entry]) => {
    const now = Math.round(entry?.contentRect.width ?? 0)
    if (now === width) return
    width = now
    grow()
  })

  onMounted(() => {
    grow()
    if (field.value) observer.observe(field.value)
  })
  onBeforeUnmount(() => observer.disconnect())
  watch(text, () => nextTick(grow))
}
