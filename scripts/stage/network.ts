import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { isAlive } from './alive.ts'
import { type Address, startForwarder } from './forwarder.ts'
import { demandNamespaces, inside, ip, ipQuietly } from './iproute.ts'
import { startUntilReady } from './ready-process.ts'

/** A network of one browser's own, whose line to this machine can be cut. Linux, root and iproute2 only. */
export interface Network {
  /** The browser's only address in there but 127.0.0.1, and the one under which it sees this machine. */
  readonly address: string
  readonly gateway: string
  /** For files that are of use no longer than the network; removed with it. */
  readonly dir: string
  /** A command that runs `words` inside. */
  command(...words: string[]): [program: string, ...args: string[]]
  /** What listens on 127.0.0.1 here at these ports does so in there, too; `detours` tells which is another one here. */
  reach(ports: readonly number[], detours?: ReadonlyMap<number, number>): Promise<void>
  /** What listens on 127.0.0.1 in there at this port does so here, too. */
  expose(port: number): Promise<void>
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
const forwardScript = join(import.meta.dirname, 'forward.ts')
let count = 0

/**
 * Makes a network namespace joined to this machine by way of a switch, which is a second one:
 *
 *     browser ── eth0 ═ veth ═ [ plug ─ bridge ─ line ] ═ veth ═ here
 *
 * @throws saying what is missing where this machine or user does not allow it.
 */
export async function startNetwork(): Promise<Network> {
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

    const dir = await mkdtemp(join(tmpdir(), 'sidestream-network-'))
    undo.push(() => rm(dir, { recursive: true, force: true }))

    const address = `${subnet}.2`
    const command: Network['command'] = (...words) => ['nsenter', `--net=/run/netns/${home}`, ...words]
    const forwardHere = async (listen: Address, to: Address) => {
      const forwarder = await startForwarder({ listen, to })
      undo.push(() => forwarder.stop())
    }
    const forwardInside = async (from: string, to: string, ports: readonly number[]) => {
      const words = command(process.execPath, forwardScript, from, to, ...ports.map(String))
      const inner = await startUntilReady(words, (line) => line === 'ready')
      undo.push(() => inner.stop())
    }

    return {
      address,
      gateway: here,
      dir,
      command,
      remove,
      async reach(ports, detours) {
        for (const port of ports)
          await forwardHere({ host: here, port }, { host: '127.0.0.1', port: detours?.get(port) ?? port })
        await forwardInside('127.0.0.1', here, ports)
      },
      async expose(port) {
        await forwardInside(address, '127.0.0.1', [port])
        await forwardHere({ host: '127.0.0.1', port }, { host: address, port })
      },
      async enter(program) {
        const script = join(dir, 'enter')
        await writeFile(script, `#!/bin/sh\nexec ${command(`'${program}'`, '"$@"').join(' ')}\n`)
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
