import type { PictureProblem } from '../stores/picture'
import type { Translate } from './text'

/** What went wrong in the viewer's words, and when it is worth another try. */
export function problemWords(problem: PictureProblem, translate: Translate): string {
  const words = translate(`error_${problem.code}`)
  if (problem.retryAfter === undefined) return words
  return `${words} ${translate('retryAfter', duration(problem.retryAfter, translate('localeTag')))}`
}

/** Rounded up to the largest unit that fits: "40 sec", "5 min", "2 hr". */
export function duration(seconds: number, locale: string): string {
  const [value, unit] =
    seconds < 90
      ? [seconds, 'second']
      : seconds < 5_400
        ? [seconds / 60, 'minute']
        : [seconds / 3_600, 'hour']
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short' }).format(Math.ceil(value))
}
