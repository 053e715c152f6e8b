import type { PanelSizes, SizedShape } from '../../protocol/host-port'
import { heightStretch, PANEL_WIDTH, type Stretch, sizeIn, widthStretch } from './panel-size'

export const HANDLE = { width: 36, height: 88 } as const
/** Near the top the handle meets neither the player's controls nor its buttons, however low the video. */
const HANDLE_BELOW_TOP = 60
/** Over lines alone it needs less. */
const HANDLE_BELOW_HEADER = 10
/** Steps (px) in which a handle looks for a place without Twitch's controls. */
const HANDLE_STEP = 24
/** As wide as a scroll bar: Twitch's pages and chats have theirs at the edge. */
const GUTTER = 16
/** What an open panel must leave of Twitch's own content; where it cannot, it shares the chat's place instead. */
export const MIN_CONTENT_WIDTH = 480
/** What a card must leave of the video. */
const MIN_VIDEO_WIDTH = 160
/** Half of a chat that is at least this wide is enough for the panel. */
const MIN_HALF_WIDTH = 300
/** A panel lower than this cannot be used: rather it lies over something. */
const MIN_USE = 160
/** What a sheet leaves of the lines below it, where there are enough. */
const MIN_LINES = 60
/** Over the video the panel keeps off the edges. */
const CARD_GAP = 10

export type Side = 'left' | 'right'

/** Edges in viewport pixels. */
export interface Box {
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
  /** How much at the bottom belongs to the player's controls, where the page is all video. */
  controls: number
  /** Twitch's main content, as it is without the panel; `null` where it cannot be moved. */
  content: Box | null
  /** Twitch's chat as far as it is in sight. */
  chat: Box | null
  /** The lines in it: between its header and its input. */
  lines: Box | null
  /** The edge where chat is or would be: left when the page is laid out from right to left. */
  side: Side
  /**
   * `immersive`: theatre and fullscreen, nothing but video and chat. `tool`: a chat in a window of its own, mod view,
   * dashboard: nothing may be moved, and all of it is controls but the lines.
   */
  mode: 'page' | 'immersive' | 'tool'
}

/**
 * `column` stands beside Twitch's chat, `sheet` lies over a part of its lines, `card` over the video, and `handle`
 * is what is left of a collapsed one.
 */
export type Shape = SizedShape | 'handle'

/** The edge that the viewer can drag. */
export interface Grip extends Stretch {
  shape: SizedShape
  edge: Side | 'bottom'
}

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
  grip: Grip | null
  /** Over everything: nothing of the page is to be seen but video and chat. */
  isImmersive: boolean
  /** Its place was chosen so that it covers nothing to press or to type into. */
  avoids: boolean
}

/** Whether Twitch has something to click or to type into there. */
export type IsTaken = (box: Box) => boolean

const nothingTaken: IsTaken = () => false

/** Where the panel's frame goes. The video is covered only where Twitch itself lays things over it. */
export function placePanel(
  page: PageMeasures,
  collapsed: boolean,
  sizes: PanelSizes = {},
  isTaken = nothingTaken,
): Placement {
  if (collapsed) return handle(page, isTaken)
  const chatWidth = edgeWidth(page)
  const wished = Math.min(sizes.column ?? PANEL_WIDTH, PANEL_WIDTH)
  const isAside = page.chat === null || chatWidth > 0
  if (page.mode === 'page' && page.content && isAside) {
    const room = page.content.right - page.content.left - MIN_CONTENT_WIDTH
    if (room >= wished) return column(page, page.content, room, sizes)
  }
  const video = page.width - chatWidth
  if (page.mode === 'immersive' && isAside && video >= PANEL_WIDTH + MIN_CONTENT_WIDTH)
    return card(page, chatWidth, sizes, isTaken)
  if (page.lines && page.lines.bottom - page.lines.top >= MIN_USE) return sheet(page, page.lines, sizes)
  return card(page, isAside && video > 2 * PANEL_WIDTH ? chatWidth : 0, sizes, isTaken)
}

/** How much of its edge the chat takes: 0 for one that is hidden, below the video, or as wide as the page. */
function edgeWidth({ chat, side, width }: PageMeasures): number {
  if (!chat || chat.right - chat.left > width / 2) return 0
  const isAtEdge = side === 'left' ? chat.left <= 1 : chat.right >= width - 1
  if (!isAtEdge) return 0
  return side === 'left' ? chat.right : width - chat.left
}

/** How far a box ends from the edge where the chat is. */
const insetOf = (box: Box, { side, width }: PageMeasures) => (side === 'left' ? box.left : width - box.right)

/** Where that is on a page of this width. */
export function boxOf({ side, inset, top, width, height }: Omit<Rect, 'shape'>, pageWidth: number): Box {
  const left = side === 'left' ? inset : pageWidth - inset - width
  return { left, top, right: left + width, bottom: top + height }
}

type Rect = Pick<Placement, 'shape' | 'side' | 'inset' | 'top' | 'width' | 'height'>

const still = { reserve: 0, grip: null, isImmersive: false, avoids: false }

function handle(page: PageMeasures, isTaken: IsTaken): Placement {
  const width = Math.min(HANDLE.width, page.width)
  const height = Math.min(HANDLE.height, page.height)
  const lines = page.mode === 'tool' ? page.lines : null
  const beside = lines ?? (page.mode === 'page' ? page.content : null)
  const edge = beside ? insetOf(beside, page) : edgeWidth(page)
  const inset = Math.min(edge + (page.mode === 'immersive' ? 0 : GUTTER), page.width - width)
  const first = lines ? lines.top + HANDLE_BELOW_HEADER : page.top + HANDLE_BELOW_TOP
  const last = page.height - height
  const at = (top: number): Rect => ({ shape: 'handle', side: page.side, inset, top, width, height })
  let top = Math.max(0, Math.min(first, last))
  for (let next = top; next <= last; next += HANDLE_STEP)
    if (!isTaken(boxOf(at(next), page.width))) {
      top = next
      break
    }
  return { ...at(top), ...still, isImmersive: page.mode === 'immersive', avoids: true }
}

function column(page: PageMeasures, content: Box, room: number, sizes: PanelSizes): Placement {
  const stretch = widthStretch(room)
  const width = sizeIn(stretch, 'column', sizes)
  return {
    ...still,
    shape: 'column',
    side: page.side,
    inset: insetOf(content, page),
    top: page.top,
    width,
    height: page.height - page.top,
    reserve: width,
    grip: grip('column', inner(page), stretch),
  }
}

function card(page: PageMeasures, chatWidth: number, sizes: PanelSizes, isTaken: IsTaken): Placement {
  const most = page.width - chatWidth - 2 * CARD_GAP
  const stretch = widthStretch(Math.max(Math.min(most, PANEL_WIDTH), most - MIN_VIDEO_WIDTH))
  const width = sizeIn(stretch, 'card', sizes)
  const inset = chatWidth + CARD_GAP
  const isImmersive = page.mode === 'immersive'
  const first = page.top + CARD_GAP
  const last = isImmersive ? page.height - page.controls : (page.lines?.bottom ?? page.height - CARD_GAP)
  const rect = { side: page.side, inset, width }
  const span = { top: first, height: Math.max(last - first, Math.min(MIN_USE, page.height - first)) }
  const free = isImmersive
    ? span
    : freeSpan(span, (top, height) => isTaken(boxOf({ ...rect, top, height }, page.width)))
  return {
    ...still,
    shape: 'card',
    ...rect,
    ...free,
    grip: grip('card', inner(page), stretch),
    isImmersive,
    avoids: !isImmersive,
  }
}

/** Rows (px) in which a card looks for a place without Twitch's controls. */
const ROW = 16

/** The longest part of a span in which nothing is taken; all of it where that is too short. */
function freeSpan(span: { top: number; height: number }, isTaken: (top: number, height: number) => boolean) {
  let best = { top: span.top, height: 0 }
  let run = { top: span.top, height: 0 }
  for (let top = span.top; top < span.top + span.height; top += ROW) {
    const height = Math.min(ROW, span.top + span.height - top)
    run = isTaken(top, height) ? { top: top + height, height: 0 } : { ...run, height: run.height + height }
    if (run.height > best.height) best = run
  }
  return best.height >= MIN_USE ? best : span
}

/** A part of the lines: the half at the side where that is wide enough, else the older ones above. */
function sheet(page: PageMeasures, lines: Box, sizes: PanelSizes): Placement {
  const wide = lines.right - lines.left
  const tall = lines.bottom - lines.top
  const isBeside = wide >= 2 * MIN_HALF_WIDTH
  const stretch = heightStretch(tall, MIN_LINES)
  return {
    ...still,
    shape: 'sheet',
    side: page.side,
    inset: insetOf(lines, page),
    top: lines.top,
    width: isBeside ? Math.min(PANEL_WIDTH, Math.round(wide / 2)) : wide,
    height: isBeside ? tall : sizeIn(stretch, 'sheet', sizes),
    grip: isBeside ? null : grip('sheet', 'bottom', stretch),
    isImmersive: page.mode === 'immersive',
  }
}

/** The edge towards the video. */
const inner = ({ side }: PageMeasures): Side => (side === 'right' ? 'left' : 'right')

/** Nothing to drag where there is no room for it. */
const grip = (shape: SizedShape, edge: Grip['edge'], stretch: Stretch): Grip | null =>
  stretch.max > stretch.min ? { shape, edge, ...stretch } : null
