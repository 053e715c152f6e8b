/** Width of the open panel (px), as wide as Twitch's chat. Twitch's root font is 10 px: never rem. */
export const PANEL_WIDTH = 340
export const HANDLE = { width: 44, height: 160 } as const
/** Narrower pages keep their width: the panel lies over them instead of beside. */
export const MIN_PAGE_WIDTH_BESIDE = 1_100

/** What the page looks like now, in viewport pixels. */
export interface PageMeasures {
  width: number
  height: number
  /** Lower edge of Twitch's top bar; 0 where it is out of sight. */
  top: number
  /** How much of the page's edge Twitch's chat column takes; 0 when it is collapsed or below. */
  chatWidth: number
  /** The edge that the chat column is at: left when the page is laid out from right to left. */
  chatSide: 'left' | 'right'
  /** Theatre, fullscreen and popout: nothing may be moved aside. */
  immersive: boolean
}

export interface Placement {
  side: 'left' | 'right'
  /** Distance from that side. */
  inset: number
  top: number
  width: number
  height: number
  /** How far Twitch's own content is moved aside. */
  reserve: number
}

/** Where the panel's frame goes: a column between Twitch's content and its chat, or a handle at that edge. */
export function placePanel(page: PageMeasures, collapsed: boolean): Placement {
  const size = collapsed ? HANDLE : { width: PANEL_WIDTH, height: page.height - page.top }
  const width = Math.min(size.width, page.width)
  const height = Math.min(size.height, page.height)
  return {
    side: page.chatSide,
    // Beside the chat where both fit, else over it.
    inset: page.chatWidth + width <= page.width ? page.chatWidth : 0,
    top: collapsed ? Math.max(page.top, Math.round((page.height - height) / 2)) : page.top,
    width,
    height,
    reserve: collapsed || page.immersive || page.width < MIN_PAGE_WIDTH_BESIDE ? 0 : width,
  }
}
