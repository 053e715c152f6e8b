import type { Box, PageMeasures, Side } from '../../services/twitch/placement'
import * as anchors from './anchors'

/** How much of the bottom the player's controls take (px), where they are not found. */
const CONTROLS = 64
const MAX_CONTROLS = 120
/** Where no input of the chat is found, so much (px) of its bottom is left to it. */
const INPUT = 140

/** What has been measured, and the elements that it depends on. */
export interface Measured {
  page: PageMeasures
  elements: Element[]
}

/** @param reserved what of the main content's room the panel has now. */
export function measurePage(reserved: { side: Side; width: number }): Measured {
  const { innerWidth: width, innerHeight: height } = window
  const immersive = anchors.isImmersive()
  const mode = immersive ? 'immersive' : anchors.isTool() ? 'tool' : 'page'
  const main = anchors.mainContent()
  const [chatElement, chat] = seenChat(width, height)
  const linesElement = chatElement && anchors.chatLines(chatElement)
  const bar = immersive ? 0 : lowerEdge(anchors.topBar())
  const page: PageMeasures = {
    width,
    height,
    // A chat that is hidden leaves the button that brings it back in the panel's corner.
    top: chat ? bar : Math.max(bar, lowerEdge(anchors.chatToggle())),
    controls: immersive ? controlsHeight(height) : 0,
    content: main && mode === 'page' ? contentBox(main, reserved, width) : null,
    chat,
    lines: chatElement && chat && linesBox(chatElement, linesElement, chat),
    side: isAtLeft(chat, width) ? 'left' : 'right',
    mode,
  }
  return { page, elements: [main, chatElement, linesElement].filter((element) => !!element) }
}

/** Lower edge of an element in the upper half of the page, or 0 where it is not seen. */
function lowerEdge(element: Element | null): number {
  const box = element?.getBoundingClientRect()
  if (!box || box.height === 0 || box.bottom > window.innerHeight / 2) return 0
  return Math.max(0, Math.round(box.bottom))
}

function controlsHeight(height: number): number {
  const box = anchors.playerControls()?.getBoundingClientRect()
  if (!box || box.height === 0 || box.bottom < height - 1) return CONTROLS
  return Math.min(MAX_CONTROLS, Math.max(CONTROLS, Math.round(height - box.top)))
}

function contentBox(main: Element, reserved: { side: Side; width: number }, width: number): Box | null {
  const box = rounded(main.getBoundingClientRect())
  if (box.right <= box.left) return null
  if (reserved.side === 'left') box.left -= reserved.width
  else box.right += reserved.width
  return { ...box, left: Math.max(0, box.left), right: Math.min(width, box.right) }
}

/** The first of the chats that is in sight. */
function seenChat(width: number, height: number): [Element, Box] | [null, null] {
  for (const element of anchors.chats()) {
    const box = rounded(element.getBoundingClientRect())
    const seen = {
      left: Math.max(0, box.left),
      top: Math.max(0, box.top),
      right: Math.min(width, box.right),
      bottom: Math.min(height, box.bottom),
    }
    if (seen.right - seen.left > 1 && seen.bottom - seen.top > 1) return [element, seen]
  }
  return [null, null]
}

/** Between the header, whose buttons must stay within reach, and the input. */
function linesBox(chatElement: Element, linesElement: Element | null, chat: Box): Box {
  const list = linesElement && rounded(linesElement.getBoundingClientRect())
  const header = anchors.chatHeader(chatElement)?.getBoundingClientRect()
  const input = anchors.chatInput(chatElement)?.getBoundingClientRect()
  const top = Math.max(chat.top, Math.round(header?.bottom ?? 0), list?.top ?? 0)
  const rest = list ? chat.bottom : chat.bottom - INPUT
  const inputTop = input && input.height > 0 ? Math.round(input.top) : rest
  const bottom = Math.min(chat.bottom, inputTop, list?.bottom ?? chat.bottom)
  return { ...chat, top: Math.min(top, bottom), bottom }
}

const rounded = ({ left, top, right, bottom }: DOMRect): Box => ({
  left: Math.round(left),
  top: Math.round(top),
  right: Math.round(right),
  bottom: Math.round(bottom),
})

function isAtLeft(chat: Box | null, width: number): boolean {
  if (!chat || chat.right - chat.left > width / 2)
    return getComputedStyle(document.documentElement).direction === 'rtl'
  return chat.left <= 1
}
