import type { Theme } from '../../protocol/host-port'
import type { PageMeasures } from '../../services/twitch/placement'

/**
 * Everything that is known of Twitch's markup, in one place. Each of these may be gone tomorrow: then the
 * panel moves to its fallback and stays usable.
 */
const FULLSCREEN_ROOT = '#root > div:first-child'
const MAIN = 'main.twilight-main'
const TOP_BAR = '.top-nav'
const RIGHT_COLUMN = '.right-column'
const THEATRE = '.persistent-player--theatre, .right-column--theatre'
const POPOUT = /^\/(popout|embed|moderator)\//

/** The element that goes fullscreen: what is outside of it is not seen then. Else the body. */
export const mountPoint = (): Element => document.querySelector(FULLSCREEN_ROOT) ?? document.body

/** The content that makes room for an open panel. */
export const mainContent = (): HTMLElement | null => document.querySelector<HTMLElement>(MAIN)

export function pageTheme(): Theme {
  if (document.querySelector(THEATRE)) return 'dark'
  const { classList } = document.documentElement
  if (classList.contains('tw-root--theme-light')) return 'light'
  if (classList.contains('tw-root--theme-dark')) return 'dark'
  return matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark'
}

export function measurePage(): PageMeasures {
  const { innerWidth: width, innerHeight: height } = window
  const isFullscreen = document.fullscreenElement !== null
  const bar = document.querySelector(TOP_BAR)?.getBoundingClientRect()
  const chat = document.querySelector(RIGHT_COLUMN)?.getBoundingClientRect()
  const isTheatre = document.querySelector(THEATRE) !== null
  const isCovered = isFullscreen || isTheatre
  return {
    width,
    height,
    top: isCovered || !bar || bar.height === 0 ? 0 : Math.max(0, Math.round(bar.bottom)),
    ...chatEdge(chat, width),
    immersive: isCovered || POPOUT.test(location.pathname),
  }
}

/** A column at an edge counts; one below the video, as wide as the page, or pushed out of sight does not. */
function chatEdge(chat: DOMRect | undefined, width: number): Pick<PageMeasures, 'chatWidth' | 'chatSide'> {
  if (!chat || chat.width === 0 || chat.width > width / 2) return { chatWidth: 0, chatSide: 'right' }
  if (chat.left <= 1 && chat.right < width / 2) return { chatWidth: Math.round(chat.right), chatSide: 'left' }
  return { chatWidth: Math.max(0, Math.round(width - chat.left)), chatSide: 'right' }
}
