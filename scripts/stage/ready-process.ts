import { root } from './paths.ts'
import { type ProcessTree, startProcessTree } from './process-tree.ts'

/**
 * Starts a program and returns once it has printed a line that `isReady`.
 *
 * @throws with what it printed if it ends before.
 */
export async function startUntilReady(
  [program, ...args]: readonly [string, ...string[]],
  isReady: (line: string) => boolean,
): Promise<ProcessTree> {
  const said: string[] = []
  let ready = () => {}
  const listening = new Promise<'ready'>((done) => {
    ready = () => done('ready')
  })
  const onLine = (line: string) => {
    if (isReady(line)) ready()
    else said.push(line)
  }
  const tree = startProcessTree(program, args, { cwd: root, env: process.env, onLine })
  const first = await Promise.race([listening, tree.exited])
  if (first === 'ready') return tree
  throw new Error(`${[program, ...args].join(' ')} ended with code ${first}: ${said.join('\n')}`)
}
