/** The size gate: what each context loads of the Chrome build, gzipped. `node scripts/size.ts` after `npm run build`. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { loadedBy } from './stage/loaded.ts'
import { root } from './stage/paths.ts'

/** Kilobytes (1,000 bytes), gzip -9 of each file, summed over everything the entry loads, now or later. */
const budgets = [
  { name: 'panel page', entry: 'panel.html', limit: 124 },
  { name: 'content script', entry: 'twitch.js', limit: 15 },
  { name: 'service worker', entry: 'background.js', limit: 80 },
]

const dir = join(root, '.output/chrome-mv3')
const size = (file: string) => gzipSync(readFileSync(join(dir, file)), { level: 9 }).length / 1000
const kB = (value: number) => value.toFixed(1).padStart(7)

console.log(`${''.padEnd(32)}  kB gz    limit`)
for (const { name, entry, limit } of budgets) {
  if (!existsSync(join(dir, entry))) {
    console.error(`${entry} is not in ${dir}: run \`npm run build\` first`)
    process.exitCode = 1
    continue
  }
  const files = loadedBy(dir, entry).map((file) => ({ file, size: size(file) }))
  const total = files.reduce((sum, { size }) => sum + size, 0)
  console.log(`${name.padEnd(32)}${kB(total)} ${kB(limit)}  ${total > limit ? 'OVER' : 'ok'}`)
  for (const { file, size } of files) console.log(`  ${file.padEnd(30)}${kB(size)}`)
  if (total > limit) process.exitCode = 1
}
