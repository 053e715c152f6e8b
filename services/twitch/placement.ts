/** Width of the open panel (px), as wide as Twitch's chat. Twitch's root font is 10 px: never rem. */
export const PANEL_WIDTH = 340
export const HANDLE = { width: 36, height: 88 } as const
/** Near the top the handle meets neither the player's controls nor its buttons, however low the video. */
const HANDLE_BELOW_TOP = 60
/** What an open panel must leave of Twitch's own content; where it cannot, it shares the chat's place instead. */
export const MIN_CONTENT_WIDTH = 480
/** Half of a chat that is at least this wide is enough for the panel. */
const MIN_HALF_WIDTH = 300
/** Less than this is no room to talk in. */
const MIN_HEIGHT = 280
/** And less than this of the chat is no use to anybody: its input would be cut in two. */
const MIN_REST = 140
/** Over the video the panel keeps off the edges, and off the player's controls at the bottom. */
const CARD_GAP = 10
const PLAYER_CONTROLS = 64

type Side = 'left' | 'right'

/** Edges in viewport pixels. */
interface Box {
  left: number
  top: number
  right: number
  bottom: number
}

/** What the page looks like now, in viewport pixels. */
export interface PageMeasures {
  width: number
  height: number
  /** Where Twitch's top bar ends, or the button that brings a hidden chat back; 0 where neither is in sight. */
  top: number
  /** The list of channels at the other edge; 0 when it is out of sight. */
  navWidth: number
  /** Twitch's chat below its own header, as far as it is in sight. */
  chat: Box | null
  /** The edge where chat is or would be: left when the page is laid out from right to left. */
  chatSide: Side
  /** Theatre, fullscreen and popout: nothing may be moved aside. */
  immersive: boolean
}

/**
 * `column` stands beside Twitch's chat, `sheet` lies over a part of the chat, `card` over the video, and `handle`
 * is what is left of a collapsed one.
 */
export type Shape = 'column' | 'sheet' | 'card' | 'handle'

export interface Placement {
  shape: Shape
  side: Side
  /** Distance from that side. */
  inset: number
  top: number
  width: number
  height: number
  /** How far Twitch's own content is moved aside. */
  reserve: number
}

/** Where the panel's frame goes. The video is covered only where Twitch itself lays things over it. */
export function placePanel(page: PageMeasures, collapsed: boolean): Placement {
  const chatWidth = edgeWidth(page)
  if (collapsed) return handle(page, chatWidth)
  const content = page.width - (page.immersive ? 0 : page.navWidth) - chatWidth
  const fits = content >= PANEL_WIDTH + MIN_CONTENT_WIDTH
  if (page.chat && (chatWidth === 0 || !fits)) return sheet(page, page.chat)
  return page.immersive || !fits ? card(page, chatWidth) : column(page, chatWidth)
}

/** How much of its edge the chat takes: 0 for one that is hidden, below the video, or as wide as the page. */
function edgeWidth({ chat, chatSide, width }: PageMeasures): number {
  if (!chat || chat.right - chat.left > width / 2) return 0
  const isAtEdge = chatSide === 'left' ? chat.left <= 1 : chat.right >= width - 1
  if (!isAtEdge) return 0
  return chatSide === 'left' ? chat.right : width - chat.left
}

function handle(page: PageMeasures, inset: number): Placement {
  const width = Math.min(HANDLE.width, page.width)
  const height = Math.min(HANDLE.height, page.height)
  return {
    shape: 'handle',
    side: page.chatSide,
    inset: Math.min(inset, page.width - width),
    top: Math.min(page.top + HANDLE_BELOW_TOP, page.height - height),
    width,
    height,
    reserve: 0,
  }
}

function column({ chatSide, top, height }: PageMeasures, inset: number): Placement {
  const width = PANEL_WIDTH
  return { shape: 'column', side: chatSide, inset, top, width, height: height - top, reserve: width }
}

function card(page: PageMeasures, chatWidth: number): Placement {
  const width = Math.min(PANEL_WIDTH, page.width - chatWidth - 2 * CARD_GAP)
  const top = page.top + CARD_GAP
  const height = Math.max(page.height - top - PLAYER_CONTROLS, Math.min(MIN_HEIGHT, page.height - top))
  return { shape: 'card', side: page.chatSide, inset: chatWidth + CARD_GAP, top, width, height, reserve: 0 }
}

/** Half of the chat: the one at the side where that is wide enough, else the older lines' upper one. All where there is too little. */
function sheet(page: PageMeasures, chat: Box): Placement {
  const wide = chat.right - chat.left
  const tall = chat.bottom - chat.top
  const isBeside = wide >= 2 * MIN_HALF_WIDTH
  const half = Math.max(Math.round(tall / 2), MIN_HEIGHT)
  const isWhole = isBeside || tall - half < MIN_REST
  const height = Math.min(isWhole ? Math.max(tall, MIN_HEIGHT) : half, page.height)
  return {
    shape: 'sheet',
    side: page.chatSide,
    inset: page.chatSide === 'left' ? chat.left : page.width - chat.right,
    top: Math.max(0, Math.min(chat.top, page.height - height)),
    width: isBeside ? Math.min(PANEL_WIDTH, Math.round(wide / 2)) : wide,
    height,
    reserve: 0,
  }
}
