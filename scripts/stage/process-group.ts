import { spawn } from 'node:child_process'

/**
 * Stops a process group, as a machine that goes to sleep does; clocks go on.
 *
 * @param leader the id of the group's first process.
 * @returns wakes the group, once. If we end without doing so, it wakes by itself: stopped, it could never notice that we are gone.
 */
export function suspendGroup(leader: number): () => Promise<void> {
  process.kill(-leader, 'SIGSTOP')
  const wake = spawn('sh', ['-c', `cat > /dev/null; kill -CONT -${leader}`], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  return async () => {
    wake.stdin.end()
    await new Promise((done) => wake.once('exit', done))
  }
}

/** SIGKILL for a process group, as a crash; where there are no groups, for its leader. */
export function killGroup(leader: number): void {
  try {
    process.kill(process.platform === 'win32' ? leader : -leader, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}
