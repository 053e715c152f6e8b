import type { Theme } from '../../protocol/host-port'
import { isImmersive } from './anchors'

/** Where Twitch keeps the viewer's choice: 1 is dark. */
const STORED = 'twilight.theme'

/** The theme Twitch shows itself in; dark wherever there is only video and chat. */
export function pageTheme(): Theme {
  if (isImmersive()) return 'dark'
  const { classList } = document.documentElement
  if (classList.contains('tw-root--theme-light')) return 'light'
  if (classList.contains('tw-root--theme-dark')) return 'dark'
  return storedTheme() ?? (matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark')
}

function storedTheme(): Theme | undefined {
  try {
    const stored = localStorage.getItem(STORED)
    return stored === null ? undefined : stored === '1' ? 'dark' : 'light'
  } catch {
    // A browser that keeps nothing for the page throws.
    return undefined
  }
}
