import { onBeforeUnmount, onMounted, type Ref, ref, watch } from 'vue'

/** So near the top (px) the next page is asked for: it is there before somebody arrives. */
const NEAR_TOP = 600
/** So many rows are higher than any screen. */
const MANY = 300
/** How long (ms) after a page nothing is read aloud: what is old is no news. */
const QUIET_MS = 1_000

interface Source {
  /** Names the first row. */
  first(): string | undefined
  /** How many rows there are. */
  count(): number
  more(): boolean
  state(): 'idle' | 'loading' | 'failed'
  ask(): void
}

/** Asks for older pages when somebody comes near the top, or the list does not fill its box. */
export function useOlderPages(scroller: Readonly<Ref<HTMLElement | null>>, source: Source) {
  const quiet = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  let observer: ResizeObserver | undefined

  function ask(): void {
    if (source.more() && source.state() !== 'loading') source.ask()
  }

  /** After a failure it is up to the viewer: else it would fail in a circle. */
  function fill(): void {
    const element = scroller.value
    if (!element || source.state() === 'failed' || element.clientHeight === 0) return
    if (element.scrollHeight <= element.clientHeight) ask()
  }

  function onScroll(): void {
    if (scroller.value && scroller.value.scrollTop < NEAR_TOP) ask()
  }

  // More rows than these fill every box.
  const few = () => Math.min(source.count(), MANY)
  watch([source.first, few, source.more, source.state], fill, { flush: 'post' })
  watch(source.state, (now, before) => {
    clearTimeout(timer)
    if (now === 'loading') quiet.value = true
    else if (before === 'loading') timer = setTimeout(() => (quiet.value = false), QUIET_MS)
  })

  onMounted(() => {
    observer = new ResizeObserver(fill)
    if (scroller.value) observer.observe(scroller.value)
    fill()
  })
  onBeforeUnmount(() => {
    observer?.disconnect()
    clearTimeout(timer)
  })

  return { quiet, onScroll, ask }
}
