import type { ActView } from '../protocol/host-port'
import { isolate, type Translate } from './text'

/** "10 minutes", "1 hour": a time (ms) in its largest whole unit. */
export function durationWords(ms: number, translate: Translate): string {
  const units = [
    ['hour', 3_600_000],
    ['minute', 60_000],
    ['second', 1_000],
  ] as const
  const [unit, length] = units.find(([, length]) => ms >= length && ms % length === 0) ?? units[2]
  const format = new Intl.NumberFormat(translate('localeTag'), { style: 'unit', unit, unitDisplay: 'long' })
  return format.format(Math.max(1, Math.round(ms / length)))
}

/** A point in time, with its day unless that is today. */
export function endWords(ms: number, translate: Translate, now = Date.now()): string {
  const isToday = new Date(ms).toDateString() === new Date(now).toDateString()
  return new Intl.DateTimeFormat(translate('localeTag'), {
    timeStyle: 'short',
    ...(!isToday && { dateStyle: 'medium' }),
  }).format(ms)
}

/** What was decided, in one sentence. */
export function actWords(view: ActView, translate: Translate): string {
  const by = isolate(view.by)
  const who = isolate(view.target?.name ?? '')
  switch (view.act) {
    case 'timeout':
      return translate('actTimeout', [who, by, endWords(view.until ?? view.ms, translate)])
    case 'ban':
      return translate('actBan', [who, by])
    case 'unban':
      return translate('actUnban', [who, by])
    case 'delete':
      return translate('actDelete', [who, by])
    case 'clear':
      return translate('actClear', by)
    case 'slow':
      return view.seconds
        ? translate('actSlow', [by, durationWords(view.seconds * 1_000, translate)])
        : translate('actSlowOff', by)
    case 'linked-only':
      return translate(view.on ? 'actLinkedOnly' : 'actEverybody', by)
  }
}
