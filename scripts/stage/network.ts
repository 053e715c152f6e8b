import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { isAlive } from './alive.ts'
import { startForwarder } from './forwarder.ts'
import { demandNamespaces, inside, ip, ipQuietly } from './iproute.ts'
import { root } from './paths.ts'
import { type ProcessTree, startProcessTree } from './process-tree.ts'

/** A network of one browser's own, whose line to this machine can be cut. Linux, root and iproute2 only. */
export interface Network {
  /** An executable that runs `program` inside. */
  enter(program: string): Promise<string>
  /** From now on every packet is lost, and nobody is told: both ends still have their interfaces, addresses and routes. */
  cut(): void
  /** Pulls the plug: the browser's only interface loses its carrier, as when Wi-Fi goes. Nobody outside is told. */
  unplug(): void
  /** Undoes `cut` and `unplug`. */
  mend(): void
  /** Kills what still runs inside and takes everything down. */
  remove(): Promise<void>
}

const prefix = 'sidestream-'
let count = 0

/**
 * Makes a network namespace joined to this machine by way of a switch, which is a second one:
 *
 *     browser ── eth0 ═ veth ═ [ plug ─ bridge ─ line ] ═ veth ═ here
 *
 * What listens on 127.0.0.1 here at one of `ports` does so in there, too.
 *
 * @throws saying what is missing where this machine or user does not allow it.
 */
export async function startNetwork({ ports }: { ports: readonly number[] }): Promise<Network> {
  demandNamespaces()
  removeStaleNetworks()
  const name = `${process.pid}-${++count}`
  const home = `${prefix}${name}-home`
  const line = `${prefix}${name}-line`
  const outer = `ss${name}`
  const subnet = freeSubnet()
  const here = `${subnet}.1`
  const undo: (() => unknown)[] = []
  const remove = async () => {
    for (const step of undo.splice(0).reverse()) await step()
  }
  try {
    for (const space of [home, line]) {
      undo.push(() => dissolve(space))
      ip('netns', 'add', space)
      // Neighbours and candidates over IPv6 would be a second way around.
      inside(space, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6 || true')
    }
    undo.push(() => ipQuietly('link', 'del', outer))
    ip('link', 'add', outer, 'type', 'veth', 'peer', 'name', 'line', 'netns', line)
    ip('link', 'add', 'plug', 'netns', line, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', home)
    ip('-n', line, 'link', 'add', 'bridge', 'type', 'bridge')
    for (const device of ['bridge', 'line', 'plug']) ip('-n', line, 'link', 'set', device, 'up')
    for (const device of ['line', 'plug']) ip('-n', line, 'link', 'set', device, 'master', 'bridge')
    ip('addr', 'add', `${here}/30`, 'dev', outer)
    ip('link', 'set', outer, 'up')
    ip('-n', home, 'addr', 'add', `${subnet}.2/30`, 'dev', 'eth0')
    ip('-n', home, 'link', 'set', 'lo', 'up')
    plugIn(home, here)

    for (const port of ports) {
      const forwarder = await startForwarder({
        listen: { host: here, port },
        to: { host: '127.0.0.1', port },
      })
      undo.push(() => forwarder.stop())
    }
    const inner = await forwardInside(home, here, ports)
    undo.push(() => inner.stop())
    const dir = await mkdtemp(join(tmpdir(), 'sidestream-network-'))
    undo.push(() => rm(dir, { recursive: true, force: true }))

    return {
      remove,
      async enter(program) {
        const script = join(dir, 'enter')
        await writeFile(script, `#!/bin/sh\nexec nsenter --net=/run/netns/${home} '${program}' "$@"\n`)
        await chmod(script, 0o755)
        return script
      },
      cut: () => ip('-n', line, 'link', 'set', 'line', 'nomaster'),
      unplug: () => ip('-n', home, 'link', 'set', 'eth0', 'down'),
      mend() {
        ip('-n', line, 'link', 'set', 'line', 'master', 'bridge')
        plugIn(home, here)
      },
    }
  } catch (error) {
    await remove()
    throw error
  }
}

/** Takes down the networks of runs that have died without doing so. */
export function removeStaleNetworks(): void {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return
  for (const [space = ''] of ipQuietly('netns', 'list')
    .split('\n')
    .map((row) => row.split(' '))) {
    const pid = space.startsWith(prefix) && Number(/^\d+/.exec(space.slice(prefix.length))?.[0])
    if (pid && !isAlive(pid)) dissolve(space)
  }
}

/** Brings the interface up; going down took its route with it. */
function plugIn(home: string, gateway: string): void {
  ip('-n', home, 'link', 'set', 'eth0', 'up')
  ip('-n', home, 'route', 'replace', 'default', 'via', gateway)
}

async function forwardInside(home: string, here: string, ports: readonly number[]): Promise<ProcessTree> {
  const said: string[] = []
  const enter = [`--net=/run/netns/${home}`, process.execPath, join(import.meta.dirname, 'forward.ts')]
  let ready = () => {}
  const listening = new Promise<'ready'>((done) => {
    ready = () => done('ready')
  })
  const tree = startProcessTree('nsenter', [...enter, here, ...ports.map(String)], {
    cwd: root,
    env: process.env,
    onLine(text) {
      if (text === 'ready') ready()
      else said.push(text)
    },
  })
  const first = await Promise.race([listening, tree.exited])
  if (first !== 'ready')
    throw new Error(`the forwarder in ${home} ended with code ${first}: ${said.join('\n')}`)
  return tree
}

/** A namespace lives as long as something runs in it, whatever becomes of its name. */
function dissolve(space: string): void {
  for (const pid of ipQuietly('netns', 'pids', space).split('\n').filter(Boolean)) {
    try {
      process.kill(Number(pid), 'SIGKILL')
    } catch {
      // Ended meanwhile.
    }
  }
  ipQuietly('netns', 'del', space)
}

/** The first three bytes of a /30 that no interface here has an address in. */
function freeSubnet(): string {
  const taken = new Set(
    Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address)),
  )
  for (let step = 0; step < 256; step++) {
    const subnet = `10.213.${(process.pid + step) % 256}`
    if (!taken.has(`${subnet}.1`)) return subnet
  }
  throw new Error('no subnet of 10.213.0.0/16 is left for a network of its own')
}
