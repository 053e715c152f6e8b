import { isChatter } from './anchors'

/** Twitch changes its markup now and then; looking this often (ms) is enough for what moves the panel. */
const MARKUP_MS = 150

interface Wiring {
  signal: AbortSignal
  /** Called at most once a frame, whenever something may have moved: size, fullscreen, theme, markup. */
  onChange(): void
  /** Asked at each change of markup whether it has to be seen to before the page is drawn (`now`), or in the next frame. */
  urgency(): 'now' | 'soon' | undefined
}

/** Watches the page, once it has a body. `follow` names the elements whose size counts. */
export function watchPage({ signal, onChange, urgency }: Wiring): { follow(elements: Element[]): void } {
  let scheduled = false
  const schedule = () => {
    if (scheduled || signal.aborted) return
    scheduled = true
    requestAnimationFrame(() => {
      scheduled = false
      if (!signal.aborted) onChange()
    })
  }
  let timer: ReturnType<typeof setTimeout> | undefined
  const markup = new MutationObserver((records) => {
    if (records.every(isChatter)) return
    const urgent = urgency()
    if (urgent === 'now') return onChange()
    if (urgent === 'soon') return schedule()
    timer ??= setTimeout(() => {
      timer = undefined
      schedule()
    }, MARKUP_MS)
  })
  const size = new ResizeObserver(schedule)
  let followed = new Set<Element>()

  markup.observe(document.documentElement, { attributes: true, attributeFilter: ['class', 'dir'] })
  markup.observe(document.body, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ['class'],
  })
  size.observe(document.documentElement)
  signal.addEventListener('abort', () => {
    markup.disconnect()
    clearTimeout(timer)
    size.disconnect()
    followed.clear()
  })
  window.addEventListener('resize', schedule, { signal })
  window.addEventListener('load', schedule, { signal })
  document.addEventListener('fullscreenchange', schedule, { signal })
  // Twitch slides its column in and out.
  document.addEventListener('transitionend', schedule, { signal })
  // Not scheduled, because a page that is out of sight is not drawn.
  document.addEventListener('visibilitychange', onChange, { signal })
  return {
    follow(elements) {
      if (signal.aborted) return
      const wanted = new Set(elements)
      for (const element of followed) if (!wanted.has(element)) size.unobserve(element)
      for (const element of wanted) if (!followed.has(element)) size.observe(element)
      followed = wanted
    },
  }
}
