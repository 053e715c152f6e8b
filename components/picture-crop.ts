import type { Crop } from '../protocol/picture-codec'

interface Bounds {
  readonly width: number
  readonly height: number
}

/** A square is never smaller than this share of the largest, nor than a pixel. */
const MAX_ZOOM = 8

const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high)

const largest = ({ width, height }: Bounds) => Math.min(width, height)
const smallest = (bounds: Bounds) => Math.max(largest(bounds) / MAX_ZOOM, Math.min(1, largest(bounds)))

/** The largest square, in the middle. */
export function wholeOf(bounds: Bounds): Crop {
  const size = largest(bounds)
  return { x: (bounds.width - size) / 2, y: (bounds.height - size) / 2, size }
}

/** Moved by so many pixels of the picture, as far as it goes. */
export function moved({ x, y, size }: Crop, dx: number, dy: number, bounds: Bounds): Crop {
  return { x: clamp(x + dx, 0, bounds.width - size), y: clamp(y + dy, 0, bounds.height - size), size }
}

/** Made `factor` times as small, while the point at this share of it (0 to 1 each way) stays where it is, if it can. */
export function zoomed(crop: Crop, factor: number, bounds: Bounds, at = { x: 0.5, y: 0.5 }): Crop {
  const size = clamp(crop.size / factor, smallest(bounds), largest(bounds))
  const gone = crop.size - size
  return moved({ x: crop.x + gone * at.x, y: crop.y + gone * at.y, size }, 0, 0, bounds)
}

/** How far it is zoomed in, from 0 (the largest square) to 1: what a slider shows, with equal steps for equal factors. */
export function zoomOf({ size }: Crop, bounds: Bounds): number {
  const range = Math.log(largest(bounds) / smallest(bounds))
  return range === 0 ? 0 : clamp(Math.log(largest(bounds) / size) / range, 0, 1)
}

/** Zoomed in as far as the slider says, about the middle. */
export function zoomedTo(crop: Crop, zoom: number, bounds: Bounds): Crop {
  const size = largest(bounds) * (smallest(bounds) / largest(bounds)) ** clamp(zoom, 0, 1)
  return zoomed(crop, crop.size / size, bounds)
}
