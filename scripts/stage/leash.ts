/**
 * Runs a program and ends its whole process group when whoever started us goes away.
 *
 * `wrangler dev` leaves its workerd behind when it is killed, and a killed test run cannot tidy up. The leash notices either: its
 * standard input is a pipe from the starter, and the operating system closes that however the starter dies.
 *
 * Not imported: started by `process-tree.ts` as `node leash.ts program …args`.
 */
import { spawn, spawnSync } from 'node:child_process'

const [program = '', ...args] = process.argv.slice(2)
const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] })

function endAll(): void {
  if (process.platform === 'win32') {
    spawnSync('taskkill', ['/pid', String(process.pid), '/t', '/f'])
  } else {
    process.kill(-process.pid, 'SIGKILL')
  }
}

process.stdin.resume()
process.stdin.once('close', endAll)
process.stdin.once('error', endAll)
// The starter signals the group; the leash stays until the program has ended, so that its exit means theirs.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => {})
child.once('error', () => process.exit(127))
child.once('exit', (code) => process.exit(code ?? 1))
