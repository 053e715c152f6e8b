import { logAlarmFailure } from '../log'

/** An object has one alarm: arms it for `due` (ms) unless it rings sooner anyway. `undefined`: nothing is due. */
export async function armAlarm(storage: DurableObjectStorage, due: number | undefined): Promise<void> {
  if (due === undefined) return
  const armed = await storage.getAlarm()
  if (armed === null || armed > due) await storage.setAlarm(due)
}

/** The earliest of some times, leaving out what never comes. */
export function earliest(...times: (number | null | undefined)[]): number | undefined {
  const due = times.filter((time) => time !== null && time !== undefined)
  return due.length === 0 ? undefined : Math.min(...due)
}

/** Does one piece of work after the other, whether or not one fails. Returns how many did; each is logged. */
export async function failures(works: readonly (() => unknown)[]): Promise<number> {
  let failed = 0
  for (const work of works) {
    try {
      await work()
    } catch (error) {
      failed++
      logAlarmFailure(error)
    }
  }
  return failed
}
