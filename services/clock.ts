/** Time and timers as a service sees them: the platform gives the real ones, tests and simulator virtual ones. */
export interface Clock {
  /** ms since the epoch, corrected by the Worker's clock once that is known. */
  now(): number
  /** Runs `task` once after `ms`; the returned function calls it off. */
  after(ms: number, task: () => void): () => void
}

/** A uniform number in [0, 1). */
export type Random = () => number

/** Runs `task` every `ms` until the returned function is called. */
export function every(clock: Clock, ms: number, task: () => void): () => void {
  let cancel = () => {}
  const schedule = () => {
    cancel = clock.after(ms, () => {
      schedule()
      task()
    })
  }
  schedule()
  return () => cancel()
}
