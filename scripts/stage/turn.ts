import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { startProcessTree } from './process-tree.ts'
import { until } from './until.ts'

/** coturn, where the packages `coturn` (Debian, Homebrew) put it; `TURNSERVER_PATH` names another. Looks at the disk only. */
export function findTurnServer(): string | undefined {
  const { TURNSERVER_PATH: named, PATH = '' } = process.env
  if (named) return existsSync(named) ? named : undefined
  const dirs = [...PATH.split(delimiter), '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin']
  return dirs.map((dir) => join(dir, 'turnserver')).find((file) => existsSync(file))
}

export interface TurnOptions {
  /** Where it listens and relays from, 127.0.0.1 unless told. */
  address?: string
  /** UDP ports for relayed traffic, one for each allocation; those that are taken are passed over. */
  relayPorts?: readonly [lowest: number, highest: number]
  /** Each line that coturn prints. */
  onLine?(line: string): void
}

/** A TURN server of this run's own. */
export interface TurnServer {
  /** What the Worker's `TURN_URLS` and `TURN_SECRET` have to be. */
  readonly urls: readonly string[]
  readonly secret: string
  /** Ends it, and with it all that it relays. */
  stop(): Promise<void>
}

/**
 * Starts coturn on a free UDP port and returns once it answers. It ends with us, however we end.
 *
 * @throws where coturn is not installed, or with the end of its log if it does not come up.
 */
export async function startTurnServer(options: TurnOptions = {}): Promise<TurnServer> {
  const { address = '127.0.0.1', relayPorts = [49_160, 49_559] } = options
  const program = findTurnServer()
  if (!program)
    throw new Error('no turnserver found: install the package coturn, or name it in TURNSERVER_PATH')
  const dir = await mkdtemp(join(tmpdir(), 'sidestream-turn-'))
  const port = await freeUdpPort(address)
  const secret = randomBytes(32).toString('base64url')
  const settings = [
    ...[`listening-ip=${address}`, `relay-ip=${address}`, `listening-port=${port}`],
    ...[`min-port=${relayPorts[0]}`, `max-port=${relayPorts[1]}`, 'realm=sidestream.test'],
    ...['use-auth-secret', `static-auth-secret=${secret}`, 'fingerprint', 'relay-threads=1'],
    ...['no-tcp', 'no-tls', 'no-dtls', 'no-tcp-relay', 'no-cli', 'no-rfc5780', 'no-multicast-peers'],
    // Peers of a test are on this very machine.
    ...['allow-loopback-peers', `userdb=${join(dir, 'turndb')}`, `pidfile=${join(dir, 'pid')}`],
    ...['log-file=stdout', 'simple-log'],
  ]
  // In a file, because everybody can read the words of a command.
  const config = join(dir, 'turnserver.conf')
  await writeFile(config, `${settings.join('\n')}\n`, { mode: 0o600 })

  const log: string[] = []
  const onLine = (line: string) => {
    log.push(line)
    if (log.length > 60) log.shift()
    options.onLine?.(line)
  }
  const tree = startProcessTree(program, ['-c', config], { cwd: dir, env: process.env, onLine })
  const stop = async () => {
    await tree.stop()
    await rm(dir, { recursive: true, force: true })
  }
  const ended = new AbortController()
  tree.exited.then((code) => ended.abort(new Error(`coturn ended with code ${code}`)))
  await until(() => answersStun(address, port), { what: 'coturn to answer', signal: ended.signal }).catch(
    async (cause: unknown) => {
      await stop()
      throw new Error(`coturn did not come up:\n${log.join('\n')}`, { cause })
    },
  )
  return { urls: [`turn:${address}:${port}?transport=udp`], secret, stop }
}

/** Asks the operating system for a UDP port. Another process may still take it first. */
function freeUdpPort(address: string): Promise<number> {
  const socket = createSocket('udp4')
  return new Promise((found, failed) => {
    socket.once('error', failed)
    socket.bind(0, address, () => {
      const { port } = socket.address()
      socket.close(() => found(port))
    })
  })
}

/** Whether a Binding request (RFC 8489 §5) is answered within 200 ms. */
function answersStun(address: string, port: number): Promise<boolean> {
  const request = Buffer.concat([Buffer.from('000100002112a442', 'hex'), randomBytes(12)])
  const socket = createSocket('udp4')
  return new Promise((settle) => {
    const close = (answered: boolean) => {
      clearTimeout(deadline)
      socket.close()
      settle(answered)
    }
    const deadline = setTimeout(() => close(false), 200)
    socket.once('message', (answer) => close(answer.subarray(8, 20).equals(request.subarray(8))))
    socket.once('error', () => close(false))
    socket.send(request, port, address)
  })
}
