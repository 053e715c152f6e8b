import type { Panel } from '../../scripts/stage/panel.ts'
import { ui } from './stage.ts'

/** What somebody saw who scrolled up to the beginning. */
interface Reading {
  /** All lines there were on the way, oldest first. */
  texts: string[]
  /** How many times older lines were fetched. */
  pages: number
  /** Lines that moved on the screen while others came in above them. */
  jumps: string[]
}

/** Scrolls up in a panel until the line `first` is the oldest there, and after each step watches what is in sight. */
export async function readBackwards(panel: Panel, first: string): Promise<Reading> {
  return panel.evaluate(scrollUp, { log: ui.log, message: ui.message, first })
}

/** Runs in the panel, so that it sees every frame. */
async function scrollUp(what: { log: string; message: string; first: string }): Promise<Reading> {
  const scroller = document.querySelector<HTMLElement>(what.log)
  if (!scroller) throw new Error('no log')
  // A row may lose its head to the line before, so what has to stay where it was is the text.
  const lines = () => [
    ...document.querySelectorAll<HTMLElement>(`${what.message} [data-testid="message-text"]`),
  ]
  const textOf = (line?: HTMLElement) => line?.textContent?.trim() ?? ''
  const drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))
  const placeOf = (line: HTMLElement) =>
    line.getBoundingClientRect().top - scroller.getBoundingClientRect().top

  let pages = 0
  let wasLoading = false
  const jumps: string[] = []
  /** The list draws only what is near: what was seen is put together, the older in front. No two lines are the same here. */
  let texts: string[] = []
  const see = () => {
    const news = lines()
      .map(textOf)
      .filter((text) => !texts.includes(text))
    texts = [...news, ...texts]
    const isLoading = document.querySelector('[data-testid=older][data-state=loading]') !== null
    if (isLoading && !wasLoading) pages += 1
    wasLoading = isLoading
  }
  const deadline = performance.now() + 60_000
  for (see(); texts[0] !== what.first; see()) {
    if (performance.now() > deadline) throw new Error(`the oldest line is still ${texts[0]}`)
    scroller.dispatchEvent(new WheelEvent('wheel', { deltaY: -100, bubbles: true }))
    scroller.scrollBy({ top: -scroller.clientHeight })
    see()
    await drawn()
    const watched = lines().find((line) => placeOf(line) >= 0)
    if (!watched) throw new Error('no line in sight')
    let place = placeOf(watched)
    for (let still = 0; still < 6; still++) {
      see()
      await drawn()
      // Looked at twice: between two frames it may be on its way back.
      if (Math.abs(placeOf(watched) - place) > 8) await drawn()
      const now = watched.isConnected ? placeOf(watched) : Number.NaN
      // Less than half a line, and nobody loses theirs: rows out of sight have guessed heights until they are drawn.
      if (!(Math.abs(now - place) <= 8)) jumps.push(`"${textOf(watched)}" from ${place} to ${now} px`)
      place = now
    }
  }
  return { texts, pages, jumps }
}
