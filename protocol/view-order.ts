/** What orders messages; a `MessageView` has it. */
interface Stamped {
  ms: number
  count: number
  device: string
}

/** The order of messages on every screen: that of the log. Apart from schemas, because panels import it. */
export function compareViews(a: Stamped, b: Stamped): number {
  return a.ms - b.ms || a.count - b.count || (a.device < b.device ? -1 : a.device > b.device ? 1 : 0)
}
