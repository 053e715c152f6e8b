import { onBeforeUnmount, onMounted, type Ref, shallowRef } from 'vue'

/** Slack in px: zoomed pages scroll to fractions. */
const NEAR = 24
/** A scroll this soon (ms) after a wheel, finger or key in the element is the viewer's. */
const HAND_MS = 1_000
const HANDS = ['wheel', 'touchmove', 'pointerdown', 'keydown'] as const

/**
 * Keeps a scrolling element at its end while what is in it grows, until somebody scrolls up; says when that
 * changes. Resizes are watched rather than guessed: lines change their height when they are first drawn.
 */
export function useStickToBottom(
  scroller: Readonly<Ref<HTMLElement | null>>,
  content: Readonly<Ref<HTMLElement | null>>,
  changed: (atBottom: boolean) => void,
) {
  const stuck = shallowRef(true)
  let lastTop = 0
  let lastHeights = ''
  let lastHand = Number.NEGATIVE_INFINITY
  let observer: ResizeObserver | undefined

  function setStuck(next: boolean): void {
    if (stuck.value === next) return
    stuck.value = next
    changed(next)
  }

  function toBottom(): void {
    const element = scroller.value
    if (!element) return
    setStuck(true)
    element.scrollTop = element.scrollHeight
    lastTop = element.scrollTop
    lastHeights = `${element.scrollHeight} ${element.clientHeight}`
  }

  function onScroll(): void {
    const element = scroller.value
    if (!element) return
    const { scrollTop, scrollHeight, clientHeight } = element
    const heights = `${scrollHeight} ${clientHeight}`
    const isByHand = heights === lastHeights || performance.now() - lastHand < HAND_MS
    if (scrollHeight - scrollTop - clientHeight <= NEAR) setStuck(true)
    // Only a way up lets go: content that grows below is no scrolling, nor is a browser that makes the end fit.
    else if (scrollTop < lastTop && isByHand) setStuck(false)
    lastTop = scrollTop
    lastHeights = heights
  }

  const note = () => {
    lastHand = performance.now()
  }

  onMounted(() => {
    for (const kind of HANDS) scroller.value?.addEventListener(kind, note, { passive: true })
    observer = new ResizeObserver(() => {
      if (stuck.value) toBottom()
    })
    if (scroller.value) observer.observe(scroller.value)
    if (content.value) observer.observe(content.value)
    toBottom()
    changed(true)
  })
  onBeforeUnmount(() => observer?.disconnect())

  return { stuck, toBottom, onScroll }
}
