import { provide, shallowRef, watch } from 'vue'
import { useRoomStore } from '../stores/room'
import { openReportKey, type ReportSubject } from './reporting'

/** Whom the viewer is reporting, in which channel. */
export interface Reporting {
  /** Another one each time the form is opened. */
  readonly nth: number
  readonly login: string
  readonly who: ReportSubject
}

/** Opens the form for a report wherever somebody asks for it. What it is about stays behind with its channel. */
export function useReporting() {
  const room = useRoomStore()
  const reporting = shallowRef<Reporting | null>(null)
  let count = 0

  function report({ accountId, name, message }: ReportSubject): void {
    if (room.login === null) return
    count += 1
    reporting.value = {
      nth: count,
      login: room.login,
      who: { accountId, name, ...(message !== undefined && { message }) },
    }
  }
  function close(): void {
    reporting.value = null
  }

  watch(() => room.login, close)
  provide(openReportKey, report)
  return { reporting, report, close }
}
