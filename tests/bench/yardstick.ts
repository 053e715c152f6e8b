/** How often the work is done (ms). */
const EVERY_MS = 150

const material = Array.from({ length: 400 }, (_, index) => ({
  id: `line ${index}`,
  text: 'about as long as what people write beside a stream',
  at: index * 37,
}))

/**
 * What the same piece of work costs while `task` runs: the median of its processor times (ms). Whoever shares a core makes all work on
 * it dearer; two figures can be compared once each is divided by what this cost at its time.
 */
export async function costWhile(task: () => Promise<void>): Promise<number> {
  const costs: number[] = []
  const work = () => {
    const before = process.cpuUsage()
    for (let round = 0; round < 4; round++) JSON.parse(JSON.stringify(material))
    const { user, system } = process.cpuUsage(before)
    costs.push((user + system) / 1_000)
  }
  const timer = setInterval(work, EVERY_MS)
  try {
    await task()
  } finally {
    clearInterval(timer)
  }
  return costs.toSorted((a, b) => a - b)[costs.length >> 1] ?? Number.NaN
}
