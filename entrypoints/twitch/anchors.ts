import type { Theme } from '../../protocol/host-port'
import type { PageMeasures } from '../../services/twitch/placement'

/**
 * Everything that is known of Twitch's markup, in one place. Each of these may be gone tomorrow: then the
 * panel moves to its fallback and stays usable.
 */
const FULLSCREEN_ROOT = '#root > div:first-child'
const MAIN = 'main.twilight-main'
const TOP_BAR = '.top-nav'
const CHANNEL_LIST = '.side-nav'
const RIGHT_COLUMN = '.right-column'
const CHAT_TOGGLE = '[data-a-target="right-column__toggle-collapse-btn"]'
const CHAT_ALONE = '.chat-shell, .stream-chat'
const CHAT_HEADER = '.stream-chat-header'
const THEATRE = '.persistent-player--theatre, .right-column--theatre'
const POPOUT = /^\/(popout|embed|moderator)\//

/** The element that goes fullscreen: what is outside of it is not seen then. `null` until Twitch has drawn it. */
export function mountPoint(): Element | null {
  const root = document.querySelector(FULLSCREEN_ROOT)
  const full = document.fullscreenElement
  return full && !full.contains(root) ? full : root
}

/** The content that makes room for an open panel. */
export const mainContent = (): HTMLElement | null => document.querySelector<HTMLElement>(MAIN)

const isImmersive = () => document.fullscreenElement !== null || document.querySelector(THEATRE) !== null

export function pageTheme(): Theme {
  if (isImmersive()) return 'dark'
  const { classList } = document.documentElement
  if (classList.contains('tw-root--theme-light')) return 'light'
  if (classList.contains('tw-root--theme-dark')) return 'dark'
  return matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark'
}

export function measurePage(): PageMeasures {
  const { innerWidth: width, innerHeight: height } = window
  const isCovered = isImmersive()
  const chat = chatBox(width, height)
  const bar = isCovered ? 0 : lowerEdge(TOP_BAR)
  return {
    width,
    height,
    // A chat that is hidden leaves the button that brings it back in the panel's corner.
    top: chat ? bar : Math.max(bar, lowerEdge(CHAT_TOGGLE)),
    navWidth: Math.round(document.querySelector(CHANNEL_LIST)?.getBoundingClientRect().width ?? 0),
    chat,
    chatSide: isAtLeft(chat, width) ? 'left' : 'right',
    immersive: isCovered || POPOUT.test(location.pathname),
  }
}

/** Lower edge of an element in the upper half of the page, or 0 where it is not seen. */
function lowerEdge(selector: string): number {
  const box = document.querySelector(selector)?.getBoundingClientRect()
  if (!box || box.height === 0 || box.bottom > window.innerHeight / 2) return 0
  return Math.max(0, Math.round(box.bottom))
}

/** What is in sight of Twitch's chat below its header, whose buttons must stay within reach. */
function chatBox(width: number, height: number): PageMeasures['chat'] {
  const element = document.querySelector(RIGHT_COLUMN) ?? document.querySelector(CHAT_ALONE)
  const box = element?.getBoundingClientRect()
  if (!box) return null
  const header = element?.querySelector(CHAT_HEADER)?.getBoundingClientRect()
  const seen = {
    left: Math.max(0, Math.round(box.left)),
    top: Math.max(0, Math.round(header && header.height > 0 ? header.bottom : box.top)),
    right: Math.min(width, Math.round(box.right)),
    bottom: Math.min(height, Math.round(box.bottom)),
  }
  return seen.right - seen.left > 1 && seen.bottom - seen.top > 1 ? seen : null
}

function isAtLeft(chat: PageMeasures['chat'], width: number): boolean {
  if (!chat || chat.right - chat.left > width / 2)
    return getComputedStyle(document.documentElement).direction === 'rtl'
  return chat.left <= 1
}
