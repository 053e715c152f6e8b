import { execFileSync } from 'node:child_process'

const needs = 'a browser in a network of its own takes'

/** @throws naming what is missing where namespaces cannot be made. */
export function demandNamespaces(): void {
  const missing =
    process.platform !== 'linux'
      ? 'Linux (network namespaces)'
      : process.getuid?.() !== 0
        ? 'root (CAP_NET_ADMIN and CAP_SYS_ADMIN)'
        : !runs('ip', '-V')
          ? 'ip: install iproute2'
          : !runs('nsenter', '--version') && 'nsenter: install util-linux'
  if (missing) throw new Error(`${needs} ${missing}`)
}

function runs(program: string, ...args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** @throws with what `ip` says, or naming what even root may lack in a container. */
export function ip(...words: string[]): string {
  try {
    return execFileSync('ip', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  } catch (error) {
    if (!String(error).includes('not permitted')) throw error
    throw new Error(`${needs} CAP_NET_ADMIN and CAP_SYS_ADMIN, which root does not have here`, {
      cause: error,
    })
  }
}

/** Nothing where it fails. */
export function ipQuietly(...words: string[]): string {
  try {
    return ip(...words)
  } catch {
    return ''
  }
}

/** Runs a program in a namespace to its end. */
export function inside(space: string, ...words: string[]): void {
  execFileSync('nsenter', [`--net=/run/netns/${space}`, ...words], { stdio: 'ignore' })
}
