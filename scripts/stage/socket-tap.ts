import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { closeServer, listenOnLoopback } from './loopback.ts'
import { BINARY, FrameReader, frameOf, MessageReader } from './web-socket-frames.ts'

/** A binary message on a room's socket. */
export interface Passed {
  by: 'browser' | 'worker'
  data: Buffer
}

export interface TapOptions {
  /** The Worker's port on 127.0.0.1. */
  to: number
  /** Takes a free port unless told. */
  port?: number
  /** What is passed on instead of a message; `undefined`: the message. */
  alter?(message: Passed): Buffer | undefined
}

/** Somebody between browser and Worker who reads along, and perhaps changes what passes. */
export interface SocketTap {
  readonly port: number
  /** What came so far, as it came. */
  readonly passed: readonly Passed[]
  stop(): Promise<void>
}

/** Starts a proxy in front of a Worker that understands its WebSockets; other requests it only passes on. */
export async function startSocketTap({ to, port = 0, alter }: TapOptions): Promise<SocketTap> {
  const passed: Passed[] = []
  const open = new Set<Duplex>()
  const keep = (socket: Duplex, other: Duplex) => {
    open.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => {
      open.delete(socket)
      other.destroy()
    })
  }
  const server = createServer((incoming, outgoing) => passRequest(to, incoming, outgoing))
  server.on('upgrade', (incoming, browser, head) => {
    const worker = connect(to, '127.0.0.1', () => {
      worker.write(`${upgradeOf(incoming)}\r\n\r\n`)
      tap(browser, worker, 'browser', head)
    })
    keep(browser, worker)
    keep(worker, browser)
    awaitAnswer(worker, (answer, rest) => {
      browser.write(answer)
      if (/^HTTP\/1.1 101 /.test(answer.toString('latin1'))) return tap(worker, browser, 'worker', rest)
      browser.write(rest)
      worker.pipe(browser)
    })
  })
  const tap = (from: Duplex, into: Duplex, by: Passed['by'], first: Buffer) => {
    const frames = new FrameReader()
    const messages = new MessageReader()
    const read = (bytes: Buffer) => {
      for (const frame of frames.read(bytes)) {
        const message = messages.read(frame)
        if (message?.opcode !== BINARY) {
          into.write(frame.raw)
          continue
        }
        const { data } = message
        passed.push({ by, data })
        // Of a message in fragments the others are on their way already.
        const changed = frame.opcode === BINARY ? alter?.({ by, data }) : undefined
        into.write(changed ? frameOf(BINARY, changed, by === 'browser') : frame.raw)
      }
    }
    read(first)
    from.on('data', read)
  }
  return {
    port: await listenOnLoopback(server, port),
    passed,
    stop: () => {
      for (const socket of open) socket.destroy()
      return closeServer(server)
    },
  }
}

function passRequest(port: number, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { method, url, headers } = incoming
  const upstream = request({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(outgoing)
  })
  upstream.on('error', () => outgoing.destroy())
  incoming.pipe(upstream)
}

/** The browser's own words without the offer to compress, so that messages are on the wire as they are. */
function upgradeOf({ method, url, rawHeaders }: IncomingMessage): string {
  const lines = rawHeaders.flatMap((name, index) =>
    index % 2 === 1 || name.toLowerCase() === 'sec-websocket-extensions'
      ? []
      : [`${name}: ${rawHeaders[index + 1]}`],
  )
  return [`${method} ${url} HTTP/1.1`, ...lines].join('\r\n')
}

/** Calls back once with the answer's head, and with what came behind it already. */
function awaitAnswer(socket: Socket, then: (answer: Buffer, rest: Buffer) => void): void {
  let head = Buffer.alloc(0)
  const read = (bytes: Buffer) => {
    head = Buffer.concat([head, bytes])
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) return
    socket.off('data', read)
    then(head.subarray(0, end + 4), head.subarray(end + 4))
  }
  socket.on('data', read)
}
