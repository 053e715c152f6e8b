/** The size gate: what each context loads of the Chrome build, gzipped. `node scripts/size.ts` after `npm run build`. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { loadedBy, loadedFirstBy } from './stage/loaded.ts'
import { root } from './stage/paths.ts'

/**
 * Kilobytes (1,000 bytes), gzip -9 of each file. `first`: what is loaded when the entry opens, for which somebody waits each
 * time. `limit`: that and what comes later. The panel has both, because one limit for all made what few ever open (the emoji
 * table, the pickers, the moderators' panes) compete with what everybody waits for.
 */
const budgets: readonly { name: string; entry: string; first?: number; limit: number }[] = [
  { name: 'panel page', entry: 'panel.html', first: 98, limit: 135 },
  { name: 'content script', entry: 'twitch.js', limit: 15 },
  { name: 'service worker', entry: 'background.js', limit: 80 },
]

const dir = join(root, '.output/chrome-mv3')
const size = (file: string) => gzipSync(readFileSync(join(dir, file)), { level: 9 }).length / 1000
const kB = (value: number) => value.toFixed(1).padStart(7)
const sum = (files: readonly string[]) => files.reduce((total, file) => total + size(file), 0)

function judge(name: string, total: number, limit: number): void {
  console.log(`${name.padEnd(32)}${kB(total)} ${kB(limit)}  ${total > limit ? 'OVER' : 'ok'}`)
  if (total > limit) process.exitCode = 1
}

console.log(`${''.padEnd(32)}  kB gz    limit`)
for (const { name, entry, first, limit } of budgets) {
  if (!existsSync(join(dir, entry))) {
    console.error(`${entry} is not in ${dir}: run \`npm run build\` first`)
    process.exitCode = 1
    continue
  }
  const files = loadedBy(dir, entry)
  const early = new Set(loadedFirstBy(dir, entry))
  if (first !== undefined) judge(`${name}, at opening`, sum([...early]), first)
  judge(name, sum(files), limit)
  for (const file of files) {
    const when = first === undefined || early.has(file) ? '' : '  later'
    console.log(`  ${file.padEnd(30)}${kB(size(file))}${when}`)
  }
}
