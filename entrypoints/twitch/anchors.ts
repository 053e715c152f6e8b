/**
 * Everything that is known of Twitch's markup, in one place. Each of these may be gone tomorrow: then the next best one
 * serves, and without any the panel moves to its fallback and stays usable. Test attributes and roles outlive classes.
 */
const FULLSCREEN_ROOT = '#root > div:first-child'
const MAIN = ['main.twilight-main', 'main']
const TOP_BAR = ['.top-nav', '[data-a-target="top-nav-container"]', '#root nav']
const CHAT = [
  '.right-column',
  '.chat-shell, .stream-chat, .video-chat',
  '[data-a-target="right-column-chat-bar"], #live-page-chat',
  '[data-test-selector="chat-room-component-layout"]',
  '[role="log"]',
]
const CHAT_HEADER = '.stream-chat-header, .video-chat__header'
const CHAT_LINES = '.chat-list--default, [role="log"]'
const CHAT_INPUT = '.chat-input, [data-test-selector="chat-input"], [data-a-target="chat-input"]'
const CHAT_TOGGLE = '[data-a-target="right-column__toggle-collapse-btn"]'
const LINES_OF_CHAT = '[role="log"], .chat-scrollable-area__message-container'
const PLAYER_CONTROLS = '.player-controls, [data-a-target="player-controls"]'
const THEATRE = '.persistent-player--theatre, .right-column--theatre'
const TOOLS = '.moderation-view-page, .sunlight-root'
const TOOL_PATH = /^\/(popout|embed|moderator|u)\//

const find = (selector: string) => document.querySelector<HTMLElement>(selector)

function firstOf(selectors: string[]): HTMLElement | null {
  for (const selector of selectors) {
    const found = find(selector)
    if (found) return found
  }
  return null
}

/** The element that goes fullscreen: what is outside of it is not seen then. `null` until Twitch has drawn it. */
export function mountPoint(): Element | null {
  const root = document.querySelector(FULLSCREEN_ROOT)
  const full = document.fullscreenElement
  // A bare video shows nothing of what is put into it.
  return full && !full.contains(root) && !(full instanceof HTMLMediaElement) ? full : root
}

/** The content that makes room for an open panel. */
export const mainContent = () => firstOf(MAIN)
export const topBar = () => firstOf(TOP_BAR)
export const chatToggle = () => find(CHAT_TOGGLE)
export const playerControls = () => find(PLAYER_CONTROLS)

/** Those elements that may be Twitch's chat, the likeliest first. */
export const chats = () => CHAT.map(find).filter((element) => element !== null)
export const chatHeader = (chat: Element) => chat.querySelector(CHAT_HEADER)
export const chatLines = (chat: Element) =>
  chat.matches(CHAT_LINES) ? chat : chat.querySelector<HTMLElement>(CHAT_LINES)
/** The whole of what is written in, with its buttons. */
export const chatInput = (chat: Element) => chat.querySelector(CHAT_INPUT) ?? find(CHAT_INPUT)

/** Whether nothing of the page but video and chat is in sight. */
export function isImmersive(): boolean {
  if (document.fullscreenElement !== null || find(THEATRE)) return true
  const video = find('video')?.getBoundingClientRect()
  return video !== undefined && video.width > 0 && video.top <= 0 && video.bottom >= innerHeight
}

/** A chat in a window of its own, mod view, dashboard. */
export const isTool = () => TOOL_PATH.test(location.pathname) || find(TOOLS) !== null

export const isInLines = (element: Element) => element.closest(LINES_OF_CHAT) !== null

/** Whether a change of markup is only one more line of chat: those come all the time and move nothing. */
export const isChatter = ({ target }: MutationRecord) => target instanceof Element && isInLines(target)
