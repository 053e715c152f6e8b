import { computed, nextTick, onBeforeUnmount, onMounted, type Ref, shallowRef, watch } from 'vue'
import { RowHeights } from './row-heights'
import type { Row } from './rows'

/** Rows are drawn so far beyond what is in view, in heights of the view. */
const BEYOND = 1
/** And at least so many px. */
const MIN_BEYOND = 400
/** Rows come and go in groups of this many: not one with every few px. */
const STEP = 8
/** Drawn where nothing is laid out, and so nothing can be measured. */
const BLIND = 60

interface Range {
  /** The first row that is drawn, and the first after those. */
  start: number
  end: number
}

interface Source {
  rows(): readonly Row[]
  /** Whether the list keeps to its end. */
  follows(): boolean
  /** Something above the rows comes or goes, and so moves them. */
  above(): unknown
}

/**
 * Of a long list draws only the rows that are in or near view, between two empty blocks as high as the rest. Rows stay in
 * the flow: text can be selected across them, and what is in view stays where it is while heights above turn out different,
 * because browsers see to that (CSS Scroll Anchoring). Where rows come or go above, which moves what is in view even at the
 * very top, it is put back here.
 */
export function useRowWindow(
  scroller: Readonly<Ref<HTMLElement | null>>,
  list: Readonly<Ref<HTMLElement | null>>,
  source: Source,
) {
  const heights = new RowHeights()
  const range = shallowRef<Range>({ start: 0, end: 0 })
  const keys = new WeakMap<Element, string>()
  const shown = computed(() => source.rows().slice(range.value.start, range.value.end))
  const before = shallowRef(0)
  const after = shallowRef(0)
  let observer: ResizeObserver | undefined

  function setRange(start: number, end: number): void {
    const count = heights.rows.length
    const next = {
      start: Math.max(0, Math.floor(start / STEP) * STEP),
      end: Math.min(count, Math.ceil(end / STEP) * STEP),
    }
    if (next.start !== range.value.start || next.end !== range.value.end) range.value = next
    before.value = heights.top(next.start)
    after.value = heights.total - heights.top(next.end)
  }

  /** Draws what is in view when `top` px of the scroller's content are above it. */
  function drawAt(top: number): void {
    const element = scroller.value
    const count = heights.rows.length
    if (!element || element.clientHeight === 0) return setRange(count - BLIND, count)
    const beyond = Math.max(MIN_BEYOND, element.clientHeight * BEYOND)
    if (source.follows()) return setRange(heights.at(heights.total - element.clientHeight - beyond), count)
    const place = top - (list.value?.offsetTop ?? 0)
    setRange(heights.at(place - beyond), heights.at(place + element.clientHeight + beyond) + 1)
  }

  const draw = () => drawAt(scroller.value?.scrollTop ?? 0)

  function rowElements(): HTMLElement[] {
    return [...(list.value?.children ?? [])].filter(
      (child): child is HTMLElement => child instanceof HTMLElement && keys.has(child),
    )
  }

  const elementOf = (key: string) => rowElements().find((element) => keys.get(element) === key)

  /** Rows in view, and how far below its top they begin. Several, because the first may be about to leave. */
  function inView(): { key: string; below: number }[] {
    const element = scroller.value
    if (!element) return []
    const { scrollTop, clientHeight } = element
    return rowElements().flatMap((row) => {
      const below = row.offsetTop - scrollTop
      const isInView = below + row.offsetHeight > 0 && below < clientHeight
      return isInView ? [{ key: keys.get(row) ?? '', below }] : []
    })
  }

  let anchors: ReturnType<typeof inView> = []

  watch(
    [source.rows, source.above],
    ([rows]) => {
      anchors = source.follows() ? [] : inView()
      heights.setRows(rows)
      const near = range.value.end
      const anchor = anchors.find(({ key }) => heights.indexOf(key, near) >= 0)
      if (!anchor) return draw()
      const place = heights.top(heights.indexOf(anchor.key, near)) + (list.value?.offsetTop ?? 0)
      drawAt(place - anchor.below)
    },
    { immediate: true },
  )
  // What was in view goes back to where it was; a list that keeps to its end sees to that itself.
  watch(
    [source.rows, source.above, range, before, after],
    () => {
      const element = scroller.value
      if (!element) return
      for (const { key, below } of anchors) {
        const row = elementOf(key)
        if (!row) continue
        const moved = row.offsetTop - element.scrollTop - below
        if (Math.abs(moved) >= 1) element.scrollTop += moved
        break
      }
      anchors = []
    },
    { flush: 'post' },
  )

  function onResize(entries: readonly ResizeObserverEntry[]): void {
    const width = scroller.value?.clientWidth ?? 0
    heights.setWidth(width)
    const sizes = new Map<string, number>()
    for (const { target, borderBoxSize } of entries) {
      const key = keys.get(target)
      const size = borderBoxSize[0]?.blockSize
      if (key !== undefined && size !== undefined && target.isConnected) sizes.set(key, size)
    }
    heights.draw(sizes, range.value.start, range.value.end)
    draw()
  }

  onMounted(() => {
    observer = new ResizeObserver(onResize)
    if (scroller.value) observer.observe(scroller.value)
    for (const row of rowElements()) observer.observe(row)
    heights.setWidth(scroller.value?.clientWidth ?? 0)
    draw()
  })
  onBeforeUnmount(() => observer?.disconnect())

  /** On each row's element, with its key. */
  const vRow = {
    created(element: HTMLElement, { value }: { value: string }) {
      keys.set(element, value)
    },
    mounted(element: HTMLElement) {
      observer?.observe(element)
    },
    beforeUnmount(element: HTMLElement) {
      observer?.unobserve(element)
    },
  }

  /** Draws the row with `key` in the middle of the view; resolves with its element, or `undefined` where it is no row. */
  async function reveal(key: string): Promise<HTMLElement | undefined> {
    const index = heights.indexOf(key)
    const element = scroller.value
    if (index < 0 || !element) return undefined
    const middle = heights.top(index) + (list.value?.offsetTop ?? 0) - element.clientHeight / 2
    drawAt(middle)
    await nextTick()
    const row = elementOf(key)
    row?.scrollIntoView({ block: 'center' })
    return row
  }

  return {
    shown,
    range,
    before,
    after,
    vRow,
    draw,
    reveal,
    elementOf,
    inView: () => inView().map(({ key }) => key),
    keyOf: (element: Element) => keys.get(element),
  }
}
