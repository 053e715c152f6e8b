import type { PanelSizes, SizedShape } from '../../protocol/host-port'

/** Width of the open panel (px), as wide as Twitch's chat. Twitch's root font is 10 px: never rem. */
export const PANEL_WIDTH = 340
/** What the viewer may make of it. */
const WIDTHS = { min: 260, max: 640 }
/** Heights in which there is some room to talk, enough of it, and as much as it has unless the viewer chose. */
const HEIGHTS = { min: 160, enough: 280, usual: 320 }

/** What is left free where it takes all there is (px): what lies below keeps its edge. */
const EDGE = 8

/** How far the panel can be dragged, in pixels: its width, or where it hangs from above its height. */
export interface Stretch {
  min: number
  max: number
  /** Unless the viewer chose. */
  usual: number
}

/** What of a stretch the viewer gets: what they chose, as far as there is room for it. */
export function sizeIn({ min, max, usual }: Stretch, shape: SizedShape, sizes: PanelSizes): number {
  return Math.round(Math.max(Math.min(sizes[shape] ?? usual, max), Math.min(min, max)))
}

/** @param room how wide it may be here (px). */
export function widthStretch(room: number): Stretch {
  const max = Math.max(0, Math.min(WIDTHS.max, room))
  return { min: Math.min(WIDTHS.min, max), max, usual: Math.min(PANEL_WIDTH, max) }
}

/**
 * Half of the height there is, and more where half is too little.
 *
 * @param tall how high it may be here (px).
 * @param rest what it leaves of that where there is enough for both.
 */
export function heightStretch(tall: number, rest: number): Stretch {
  const all = Math.min(tall, Math.max(HEIGHTS.min, tall - EDGE))
  const max = tall - rest >= HEIGHTS.enough ? tall - rest : all
  return {
    min: Math.min(HEIGHTS.min, max),
    max,
    usual: Math.min(max, Math.max(HEIGHTS.usual, Math.round(max / 2))),
  }
}
