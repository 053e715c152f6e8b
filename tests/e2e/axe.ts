import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults, RunOptions } from 'axe-core'
import type { Frame, Page } from 'playwright-core'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const options: RunOptions = { iframes: false, resultTypes: ['violations'] }
const SEVERE = ['serious', 'critical']

/** What axe-core finds in a document that would keep people out, in both of our themes: a line for each element. */
export async function barriers(view: Page | Frame, name: string): Promise<string[]> {
  // By the debugger, which no content security policy keeps out.
  await view.evaluate(source)
  const found = new Set<string>()
  for (const theme of ['light', 'dark']) {
    await view.evaluate((theme) => {
      document.documentElement.dataset.theme = theme
    }, theme)
    const { violations } = await view.evaluate<AxeResults>(`axe.run(document, ${JSON.stringify(options)})`)
    for (const { id, impact, nodes } of violations)
      for (const node of nodes)
        if (SEVERE.includes(impact ?? '')) found.add(`${name}, ${theme}: ${id}: ${node.html.slice(0, 120)}`)
  }
  return [...found]
}
