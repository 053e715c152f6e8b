import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** A program and everything it started, ended as one. */
export interface ProcessTree {
  /** Resolves with the exit code once the program has ended, by itself or by us. */
  readonly exited: Promise<number>
  /** Asks politely, then insists after `grace` milliseconds. */
  stop(grace?: number): Promise<void>
  /** SIGKILL for the whole tree, as a crash would. */
  kill(): Promise<void>
}

export interface ProcessTreeOptions {
  cwd: string
  env: NodeJS.ProcessEnv
  /** Each line of the program's output, standard error included. */
  onLine(line: string): void
}

/** Starts a program on a leash, in a process group of its own. */
export function startProcessTree(
  program: string,
  args: readonly string[],
  { cwd, env, onLine }: ProcessTreeOptions,
): ProcessTree {
  const posix = process.platform !== 'win32'
  const leash = spawn(process.execPath, [join(import.meta.dirname, 'leash.ts'), program, ...args], {
    cwd,
    env,
    detached: posix,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const exited = new Promise<number>((ended) => {
    leash.once('exit', (code) => ended(code ?? 1))
    leash.once('error', () => ended(127))
  })
  createInterface({ input: leash.stdout }).on('line', onLine)
  createInterface({ input: leash.stderr }).on('line', onLine)
  leash.stdin.on('error', () => {})

  const signal = (name: 'SIGTERM' | 'SIGKILL') => {
    if (leash.pid === undefined) return
    if (!posix) {
      spawnSync('taskkill', ['/pid', String(leash.pid), '/t', '/f'])
      return
    }
    try {
      process.kill(-leash.pid, name)
    } catch {
      // The group is already empty.
    }
  }
  const kill = async () => {
    signal('SIGKILL')
    await exited
  }
  return {
    exited,
    kill,
    async stop(grace = 5_000) {
      signal('SIGTERM')
      const insist = setTimeout(() => signal('SIGKILL'), grace)
      await exited
      clearTimeout(insist)
      // The program has ended; what it forgot (a workerd, an esbuild) has not.
      signal('SIGKILL')
    },
  }
}
