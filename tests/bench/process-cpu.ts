import { readdirSync, readFileSync } from 'node:fs'

/** Clock ticks a second that /proc counts in; Linux tells programs nothing else (`getconf CLK_TCK`). */
const TICKS_PER_SECOND = 100

interface Process {
  readonly parent: number
  /** In user and kernel mode, its ended children included (ticks). */
  readonly ticks: number
}

/** What the process `root`, its descendants, and those of them that have ended used of a processor so far (s). Linux only. */
export function cpuSeconds(root: number): number {
  const processes = new Map<number, Process>()
  for (const name of readdirSync('/proc')) {
    const process = /^\d+$/.test(name) ? look(Number(name)) : undefined
    if (process) processes.set(Number(name), process)
  }
  const isInTree = (id: number): boolean => {
    const parent = processes.get(id)?.parent
    return id === root || (parent !== undefined && isInTree(parent))
  }
  let ticks = 0
  for (const [id, process] of processes) if (isInTree(id)) ticks += process.ticks
  return ticks / TICKS_PER_SECOND
}

/** `undefined` for one that has ended meanwhile. */
function look(id: number): Process | undefined {
  try {
    const stat = readFileSync(`/proc/${id}/stat`, 'latin1')
    // The name in front is in brackets and may hold anything (proc(5)).
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    const [parent = 0, ...times] = [fields[1], ...fields.slice(11, 15)]
    return { parent, ticks: times.reduce((sum: number, time) => sum + (time ?? 0), 0) }
  } catch {
    return undefined
  }
}
