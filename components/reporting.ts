import type { InjectionKey } from 'vue'
import type { ReportReason } from '../protocol/report-view'
import type { CardSubject } from './person-card'
import type { MessageKey } from './text'

/** Asks the viewer why they report somebody; provided by the panel. */
export const openReportKey: InjectionKey<(who: CardSubject) => void> = Symbol('open report')

export const REASON_WORDS: Readonly<Record<ReportReason, MessageKey>> = {
  harassment: 'reportHarassment',
  hate: 'reportHate',
  sexual: 'reportSexual',
  spam: 'reportSpam',
  other: 'reportOther',
}
