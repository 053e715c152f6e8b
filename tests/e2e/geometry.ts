/** Edges in viewport pixels. */
export interface Box {
  left: number
  top: number
  right: number
  bottom: number
}

/** What is where on the Twitch-shaped page. */
export interface Scene {
  /** The panel's element; `null` where there is none or it does not show. */
  panel: Box | null
  /** Twitch's own controls that the panel lies over, by what they are called. */
  covered: string[]
  /** Whether something of Twitch's lies over the panel's middle. */
  isBuried: boolean
  /** Whether the element that goes fullscreen holds the panel. */
  isInRoot: boolean
  /** How Twitch's content was changed, as its markup says. */
  mainStyle: string | null
  view: { width: number; height: number }
}

/** Runs in the page: the panel among Twitch's controls and scroll bars. */
export function look(): Scene {
  const host = [...document.querySelectorAll<HTMLElement>('div[style]')].find(
    ({ style, attributes }) =>
      attributes.length === 1 && style.position === 'fixed' && /^(900|3001)$/.test(style.zIndex),
  )
  const shown = host && getComputedStyle(host).display !== 'none' ? host : undefined
  const boxOf = (element: Element): Box => {
    const { left, top, right, bottom } = element.getBoundingClientRect()
    return { left, top, right, bottom }
  }
  const panel = shown ? boxOf(shown) : null
  const meet = (a: Box, b: Box) =>
    a.left < b.right - 0.5 && b.left < a.right - 0.5 && a.top < b.bottom - 0.5 && b.top < a.bottom - 0.5
  const middle = (box: Box) => [(box.left + box.right) / 2, (box.top + box.bottom) / 2] as const

  // What somebody could click if the panel were not there.
  const isReachable = (element: Element) => {
    const hit = document.elementsFromPoint(...middle(boxOf(element))).find((one) => one !== host)
    return hit !== undefined && (element.contains(hit) || hit.contains(element))
  }
  const controls = [
    ...document.querySelectorAll('button, input, a.button, [contenteditable], [role=textbox]'),
  ]
  const covered = panel
    ? controls
        .filter((element) => meet(boxOf(element), panel) && isReachable(element))
        .map((element) => element.getAttribute('aria-label') ?? element.textContent ?? element.tagName)
    : []
  // The strip at the end of whatever scrolls is where its bar shows; beneath an open panel over the lines it is not needed.
  const isHandle = panel !== null && panel.right - panel.left <= 36
  for (const element of isHandle ? document.querySelectorAll('*') : []) {
    if (
      element.scrollHeight <= element.clientHeight ||
      !/auto|scroll/.test(getComputedStyle(element).overflowY)
    )
      continue
    const { left, right, ...rows } = boxOf(element)
    const isMirrored = getComputedStyle(element).direction === 'rtl'
    const bar = isMirrored ? { left, right: left + 15, ...rows } : { left: right - 15, right, ...rows }
    if (panel && isReachable(element) && meet(bar, panel))
      covered.push(`the scroll bar of ${element.className}`)
  }
  return {
    panel,
    covered,
    isBuried: panel !== null && document.elementFromPoint(...middle(panel)) !== host,
    isInRoot: document.querySelector('#root > div:first-child')?.contains(host ?? null) ?? false,
    mainStyle: document.querySelector('main')?.getAttribute('style') ?? null,
    view: { width: innerWidth, height: innerHeight },
  }
}

/** Runs in the page: where everything of Twitch's is that is not a line of chat, with the panel and without it. */
export function compare(): { withPanel: string; without: string } {
  const host = [...document.querySelectorAll<HTMLElement>('div[style]')].find(
    ({ style, attributes }) =>
      attributes.length === 1 && style.position === 'fixed' && /^(900|3001)$/.test(style.zIndex),
  )
  const measure = () =>
    [...document.querySelectorAll('body *')]
      .filter((element) => element !== host && !element.closest('[role=log]'))
      .map((element) => {
        const { left, top, width, height } = element.getBoundingClientRect()
        return `${element.tagName} ${[left, top, width, height].map(Math.round)} ${element.getAttribute('style')}`
      })
      .join('\n')
  const withPanel = measure()
  if (host) host.style.display = 'none'
  const without = measure()
  if (host) host.style.display = 'block'
  return { withPanel, without }
}
