import type { AccountId } from '../../protocol/device'
import type { ReportView } from '../../protocol/report-view'

/** Reports that a moderator is shown, and of them those of one reporter. */
export const MAX_REPORTS_HELD = 50
export const MAX_REPORTS_OF_ONE = 5

/** What was reported to a moderator, until they have seen to it. */
export class ReportList {
  #held: readonly ReportView[] = []

  /** Newest first. */
  get all(): readonly ReportView[] {
    return this.#held
  }

  dismiss(id: string): void {
    this.#held = this.#held.filter((report) => report.id !== id)
  }

  /** One reporter can say the same of somebody again, and does not fill the list; many of them do not empty it of others'. */
  keep(report: ReportView): void {
    const others = this.#held.filter(
      ({ by, about }) => by.accountId !== report.by.accountId || about.accountId !== report.about.accountId,
    )
    const ofSame = others.filter(({ by }) => by.accountId === report.by.accountId)
    const excess = new Set(ofSame.slice(MAX_REPORTS_OF_ONE - 1))
    this.#held = [report, ...others.filter((held) => !excess.has(held))]
    if (this.#held.length <= MAX_REPORTS_HELD) return
    const least = leastOf(this.#held)
    this.#held = this.#held.filter((held) => held !== least)
  }
}

/** Of whoever holds most what proves nothing, else anything; the oldest of it. */
function leastOf(newestFirst: readonly ReportView[]): ReportView | undefined {
  const counts = new Map<AccountId, number>()
  for (const { by } of newestFirst) counts.set(by.accountId, (counts.get(by.accountId) ?? 0) + 1)
  const most = Math.max(...counts.values())
  const theirs = newestFirst.filter(({ by }) => counts.get(by.accountId) === most)
  return theirs.findLast(({ messages }) => messages.length === 0) ?? theirs.at(-1)
}
