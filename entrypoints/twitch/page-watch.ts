/** Twitch's chat changes the markup all the time; looking this often (ms) is enough for what moves the panel. */
const MARKUP_MS = 150

/** Calls `onChange`, at most once a frame, whenever something may have moved: size, fullscreen, theme, markup. */
export function watchPage(signal: AbortSignal, onChange: () => void): void {
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
  const markup = new MutationObserver(() => {
    timer ??= setTimeout(() => {
      timer = undefined
      schedule()
    }, MARKUP_MS)
  })
  markup.observe(document.documentElement, { attributes: true, attributeFilter: ['class', 'dir'] })
  markup.observe(document.body, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ['class'],
  })
  const size = new ResizeObserver(schedule)
  size.observe(document.documentElement)
  signal.addEventListener('abort', () => {
    markup.disconnect()
    clearTimeout(timer)
    size.disconnect()
  })
  window.addEventListener('resize', schedule, { signal })
  document.addEventListener('fullscreenchange', schedule, { signal })
  // Twitch slides its column in and out.
  document.addEventListener('transitionend', schedule, { signal })
  schedule()
}
