import type { InjectionKey } from 'vue'
import type { ReportReason } from '../protocol/report-view'
import type { CardSubject } from './person-card'
import type { MessageKey } from './text'

/** Who is reported, and for which of their messages, by its id. */
export interface ReportSubject extends CardSubject {
  readonly message?: string
}

/** Asks the viewer why they report somebody; provided by the panel. */
export const openReportKey: InjectionKey<(who: ReportSubject) => void> = Symbol('open report')

export const REASON_WORDS: Readonly<Record<ReportReason, MessageKey>> = {
  harassment: 'reportHarassment',
  hate: 'reportHate',
  sexual: 'reportSexual',
  spam: 'reportSpam',
  other: 'reportOther',
}
