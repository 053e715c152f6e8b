import { array, assert, constantFrom, double, integer, property, record } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { moved, wholeOf, zoomed, zoomedTo, zoomOf } from '../../../components/picture-crop'

const WIDE = { width: 400, height: 200 }
const bounds = record({ width: integer({ min: 1, max: 2_048 }), height: integer({ min: 1, max: 2_048 }) })
const step = record({
  what: constantFrom('move', 'zoom', 'slide'),
  a: double({ min: -3_000, max: 3_000, noNaN: true }),
  b: double({ min: -3_000, max: 3_000, noNaN: true }),
  at: record({ x: double({ min: 0, max: 1, noNaN: true }), y: double({ min: 0, max: 1, noNaN: true }) }),
})

describe('the square of a picture', () => {
  it('is at first the largest, in the middle', () => {
    expect(wholeOf(WIDE)).toEqual({ x: 100, y: 0, size: 200 })
    expect(wholeOf({ width: 3, height: 9 })).toEqual({ x: 0, y: 3, size: 3 })
  })

  it('moves as far as the picture goes', () => {
    const crop = wholeOf(WIDE)
    expect(moved(crop, 30, 5, WIDE)).toEqual({ x: 130, y: 0, size: 200 })
    expect(moved(crop, -500, 0, WIDE).x).toBe(0)
    expect(moved(crop, 500, 0, WIDE).x).toBe(200)
  })

  it('zooms about a point, which stays where it is', () => {
    const crop = zoomed(wholeOf(WIDE), 2, WIDE, { x: 0.25, y: 0.5 })
    expect(crop.size).toBe(100)
    expect(crop.x + crop.size * 0.25).toBe(150)
    expect(crop.y + crop.size * 0.5).toBe(100)
    expect(zoomed(crop, 0.001, WIDE).size).toBe(200)
    expect(zoomed(crop, 1_000, WIDE).size).toBe(25)
  })

  it('is where the slider says, and the slider where it is', () => {
    const crop = wholeOf(WIDE)
    expect(zoomOf(crop, WIDE)).toBe(0)
    expect(zoomOf(zoomedTo(crop, 1, WIDE), WIDE)).toBeCloseTo(1)
    for (const zoom of [0, 0.1, 0.5, 0.9, 1])
      expect(zoomOf(zoomedTo(crop, zoom, WIDE), WIDE)).toBeCloseTo(zoom)
    expect(zoomOf(wholeOf({ width: 1, height: 1 }), { width: 1, height: 1 })).toBe(0)
  })

  it('never leaves the picture, whatever is done', () => {
    assert(
      property(bounds, array(step, { maxLength: 12 }), (box, steps) => {
        let crop = wholeOf(box)
        for (const { what, a, b, at } of steps) {
          if (what === 'move') crop = moved(crop, a, b, box)
          else if (what === 'zoom') crop = zoomed(crop, 2 ** (a / 500), box, at)
          else crop = zoomedTo(crop, Math.abs(b) / 3_000, box)
        }
        const { x, y, size } = crop
        const slack = 1e-6
        expect(size).toBeGreaterThan(0)
        expect(Math.min(x, y)).toBeGreaterThanOrEqual(-slack)
        expect(x + size).toBeLessThanOrEqual(box.width + slack)
        expect(y + size).toBeLessThanOrEqual(box.height + slack)
        expect(size).toBeGreaterThanOrEqual(Math.min(box.width, box.height) / 8 - slack)
      }),
      { numRuns: 500 },
    )
  })
})
