/** Above Twitch's content, and below what unfolds from its top bar (1000) and above its chat. */
const LOW = '900'
/** Above Twitch's theatre column (3000). */
const HIGH = '3001'

/**
 * How high the panel lies. Where it covers nothing but its own place, Twitch's menus may unfold over it; where it does not
 * show at that height, and over theatre and fullscreen, it lies above all.
 */
export function layerOf(host: HTMLElement, isImmersive: boolean): string {
  if (isImmersive) return HIGH
  host.style.zIndex = LOW
  const { left, top, width, height } = host.getBoundingClientRect()
  const seen = document.elementFromPoint(left + width / 2, top + height / 2)
  return seen === host ? LOW : HIGH
}
