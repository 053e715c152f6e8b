import type { Box, IsTaken } from '../../services/twitch/placement'
import { isInLines } from './anchors'

const CONTROLS =
  'button, input, textarea, select, [contenteditable=""], [contenteditable="true"], [role="button"], [role="slider"], [role="textbox"]'
/** What is larger than this (px) both ways is no button, but a whole picture or player that can be clicked. */
const MAX_SIZE = 200

/**
 * Tells where Twitch has something to press or to type into, beneath `own`, as the page is now. Nothing is looked at before
 * the first question, and only what is in the way closely.
 */
export function controlsBeneath(own: Element): IsTaken {
  let controls: { element: Element; box: DOMRect }[] | undefined
  const isSeen = new Map<Element, boolean>()
  return (box) => {
    controls ??= sizedControls()
    return controls.some(({ element, box: taken }) => {
      if (!overlap(taken, box)) return false
      const seen = isSeen.get(element) ?? isOnTop(element, taken, own)
      isSeen.set(element, seen)
      return seen
    })
  }
}

function sizedControls(): { element: Element; box: DOMRect }[] {
  const found = []
  for (const element of document.querySelectorAll(CONTROLS)) {
    const box = element.getBoundingClientRect()
    const isSized = box.width > 0 && box.height > 0 && (box.width <= MAX_SIZE || box.height <= MAX_SIZE)
    if (isSized && !isInLines(element)) found.push({ element, box })
  }
  return found
}

const overlap = (a: Box, b: Box) =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom

/** Whether a click in its middle would reach it, but for the panel. */
function isOnTop(element: Element, { left, top, width, height }: DOMRect, own: Element): boolean {
  const hit = document.elementsFromPoint(left + width / 2, top + height / 2).find((one) => one !== own)
  return hit !== undefined && (element.contains(hit) || hit.contains(element))
}
