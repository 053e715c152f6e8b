/** The last moment a `Date` can hold. Times come from other people; formatters throw beyond it. */
const LAST_MS = 8.64e15

/** Formats the times beside messages, as the language writes them. Made once: formatters are slow to make. */
export function createClock(locale: string) {
  const short = new Intl.DateTimeFormat(locale, { timeStyle: 'short' })
  const full = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' })
  const held = (ms: number) => Math.min(ms, LAST_MS)
  return {
    short: (ms: number) => short.format(held(ms)),
    full: (ms: number) => full.format(held(ms)),
    /** For the `datetime` attribute. */
    machine: (ms: number) => new Date(held(ms)).toISOString(),
  }
}

export type Clock = ReturnType<typeof createClock>
