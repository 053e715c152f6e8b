import type { Decision } from '../protocol/host-port'
import type { ReportOutcome, ReportWish } from '../protocol/report-view'
import type { HostConnection } from './host'

/** What the viewer can have done in the room, beside saying something. Nothing here rejects but `about`. */
export function createRoomActions(host: () => HostConnection | null) {
  /** Tells whether the composer holds text that is being changed. */
  function writing(now: boolean): void {
    host()
      ?.writing(now)
      .catch(() => undefined)
  }

  /**
   * Forgets everything said in this room until now, on this browser.
   * @returns whether it worked.
   */
  async function clearHistory(): Promise<boolean> {
    const to = host()
    if (!to) return false
    try {
      await to.clearHistory()
      await to.refresh()
      return true
    } catch {
      return false
    }
  }

  /** How the room is connected just now; `null` while nobody can say. */
  const about = async () => (await host()?.about()) ?? null

  /** Whether what the host was asked to decide counts now; without a host, or where it fails, it does not. */
  async function counts(decide: (to: HostConnection) => Promise<boolean>): Promise<boolean> {
    const to = host()
    try {
      return to !== null && (await decide(to))
    } catch {
      return false
    }
  }

  /**
   * Decides whether only accounts that are linked to Twitch take part in the room.
   * @returns whether that counts now.
   */
  const setLinkedOnly = (on: boolean) => counts((to) => to.setLinkedOnly(on))

  /**
   * Decides something for the room, or about somebody.
   * @returns whether that counts now.
   */
  const moderate = (decision: Decision) => counts((to) => to.moderate(decision))

  /** Reports somebody; resolves with who has the report, or why nobody has. */
  async function report(wish: ReportWish): Promise<ReportOutcome> {
    try {
      return (await host()?.report(wish)) ?? { failed: 'network' }
    } catch {
      return { failed: 'network' }
    }
  }

  /** Takes a report out of the viewer's list. */
  function dismissReport(id: string): void {
    host()
      ?.dismissReport(id)
      .catch(() => undefined)
  }

  /** Ends the host's waiting between attempts. */
  function reconnectNow(): void {
    host()
      ?.reconnectNow()
      .catch(() => undefined)
  }

  return { writing, clearHistory, about, setLinkedOnly, moderate, report, dismissReport, reconnectNow }
}
