/** Milliseconds after which a step says that it is still at it. */
const patience = 2_000

/** Runs one step of something long: a line when it begins, when it drags on, and when it is done. */
export async function step<T>(title: string, work: () => Promise<T>): Promise<T> {
  const begun = performance.now()
  const seconds = () => `${((performance.now() - begun) / 1000).toFixed(1)} s`
  console.log(`· ${title} …`)
  const timer = setInterval(() => console.log(`  … ${title}: ${seconds()}`), patience)
  try {
    const result = await work()
    console.log(`✓ ${title} (${seconds()})`)
    return result
  } catch (error) {
    console.log(`✗ ${title} (${seconds()})`)
    throw error
  } finally {
    clearInterval(timer)
  }
}
