import { computed, onBeforeUnmount, onMounted, type Ref, shallowRef, watch } from 'vue'

/** Slack in px: zoomed pages scroll to fractions. */
const NEAR = 24
/** A scroll this soon (ms) after a wheel, finger or key in the element is the viewer's. */
const HAND_MS = 1_000
const HANDS = ['wheel', 'touchmove', 'pointerdown', 'keydown'] as const

/**
 * Keeps a scrolling element at its end while what is in it grows, until somebody scrolls up; says when that
 * changes. Resizes are watched rather than guessed: lines change their height when they are first drawn. While it is
 * `held` it stays where it is, and goes on to its end afterwards.
 */
export function useStickToBottom(
  scroller: Readonly<Ref<HTMLElement | null>>,
  content: Readonly<Ref<HTMLElement | null>>,
  held: Readonly<Ref<boolean>>,
  changed: (atBottom: boolean) => void,
) {
  const stuck = shallowRef(true)
  const follows = computed(() => stuck.value && !held.value)
  let lastTop = 0
  let lastHeights = ''
  let lastHand = Number.NEGATIVE_INFINITY
  let observer: ResizeObserver | undefined

  function toEnd(): void {
    const element = scroller.value
    if (!element) return
    element.scrollTop = element.scrollHeight
    lastTop = element.scrollTop
    lastHeights = `${element.scrollHeight} ${element.clientHeight}`
  }

  function toBottom(): void {
    stuck.value = true
    toEnd()
  }

  /** Stays where it is: somebody wants to see what is there. */
  function letGo(): void {
    stuck.value = false
    lastTop = scroller.value?.scrollTop ?? 0
  }

  function onScroll(): void {
    const element = scroller.value
    if (!element) return
    const { scrollTop, scrollHeight, clientHeight } = element
    const heights = `${scrollHeight} ${clientHeight}`
    const isByHand = heights === lastHeights || performance.now() - lastHand < HAND_MS
    if (scrollHeight - scrollTop - clientHeight <= NEAR) stuck.value = true
    // Only a way up lets go: content that grows below is no scrolling, nor is a browser that makes the end fit.
    else if (scrollTop < lastTop && isByHand) stuck.value = false
    lastTop = scrollTop
    lastHeights = heights
  }

  const note = () => {
    lastHand = performance.now()
  }

  watch(follows, changed, { flush: 'sync' })
  watch(follows, (now) => now && toEnd(), { flush: 'post' })

  onMounted(() => {
    for (const kind of HANDS) scroller.value?.addEventListener(kind, note, { passive: true })
    observer = new ResizeObserver(() => {
      if (follows.value) toEnd()
    })
    if (scroller.value) observer.observe(scroller.value)
    if (content.value) observer.observe(content.value)
    toEnd()
    changed(follows.value)
  })
  onBeforeUnmount(() => observer?.disconnect())

  return { stuck, follows, toBottom, toEnd, letGo, onScroll }
}
