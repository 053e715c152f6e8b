import type { Appearance } from '../protocol/appearance'

/** The last moment a `Date` can hold. Times come from other people; formatters throw beyond it. */
const LAST_MS = 8.64e15

/** Formats the times beside messages, as the language writes them or the viewer wants. Made once: that is slow. */
export function createClock(locale: string, cycle: Appearance['clock'] = 'auto') {
  const hours = cycle === 'auto' ? {} : { hourCycle: cycle }
  const short = new Intl.DateTimeFormat(locale, { timeStyle: 'short', ...hours })
  const full = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium', ...hours })
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'full' })
  const held = (ms: number) => Math.min(ms, LAST_MS)
  return {
    short: (ms: number) => short.format(held(ms)),
    full: (ms: number) => full.format(held(ms)),
    day: (ms: number) => day.format(held(ms)),
    /** For the `datetime` attribute. */
    machine: (ms: number) => new Date(held(ms)).toISOString(),
  }
}

export type Clock = ReturnType<typeof createClock>
