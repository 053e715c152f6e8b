/** What is to be seen of a run of frames. */
export interface Frames {
  count: number
  /** Took longer than 33 ms. */
  late: number
  longestMs: number
}

const frames: number[] = []
/** Counts frames from now on. */
export function watchFrames(): void {
  let last = performance.now()
  const next = (now: number) => {
    frames.push(now - last)
    last = now
    requestAnimationFrame(next)
  }
  requestAnimationFrame(next)
}

/** Frames since the last call. */
export function takeFrames(): Frames {
  const taken = frames.splice(0)
  return {
    count: taken.length,
    late: taken.filter((ms) => ms > 33.4).length,
    longestMs: Math.max(0, ...taken),
  }
}
