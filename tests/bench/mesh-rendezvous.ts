import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { closeServer, listenOnLoopback } from '../../scripts/stage/loopback.ts'
import { FrameReader, frameOf, MessageReader } from '../../scripts/stage/web-socket-frames.ts'

/**
 * Where peers other than ours find each other: `/raw` names a newcomer everybody in the room, `/sparse` a few by chance, and
 * `/nostr` is a relay.
 */
export interface Rendezvous {
  readonly url: string
  stop(): Promise<void>
}

const TEXT = 1
const CLOSE = 8
/** RFC 6455 §1.3. */
const HANDSHAKE = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** One client's WebSocket. */
interface Line {
  send(message: unknown): void
  onMessage: (message: unknown) => void
  onClose: () => void
}

/** Both servers on one free port of this machine, in this process. */
export async function startRendezvous(): Promise<Rendezvous> {
  const server = createServer()
  const sockets = new Set<Duplex>()
  const services: Record<string, (line: Line, url: URL) => void> = {
    '/raw': rooms((there) => there),
    '/sparse': rooms(few),
    '/nostr': relay(),
  }
  server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
    const url = new URL(request.url ?? '/', 'ws://127.0.0.1')
    const service = services[url.pathname]
    if (!service) return void socket.destroy()
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    service(lineOver(socket, request), url)
  })
  const port = await listenOnLoopback(server)
  return {
    url: `ws://127.0.0.1:${port}`,
    stop: () => {
      for (const socket of sockets) socket.destroy()
      return closeServer(server)
    },
  }
}

function lineOver(socket: Duplex, { headers }: IncomingMessage): Line {
  const accept = createHash('sha1').update(`${headers['sec-websocket-key']}${HANDSHAKE}`).digest('base64')
  const answer = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade']
  socket.write(`${[...answer, `Sec-WebSocket-Accept: ${accept}`].join('\r\n')}\r\n\r\n`)
  const frames = new FrameReader()
  const messages = new MessageReader()
  const line: Line = {
    send: (message) => {
      if (socket.writable) socket.write(frameOf(TEXT, Buffer.from(JSON.stringify(message)), false))
    },
    onMessage: () => {},
    onClose: () => {},
  }
  socket.on('data', (bytes: Buffer) => {
    for (const frame of frames.read(bytes)) {
      if (frame.opcode === CLOSE) socket.end(frameOf(CLOSE, frame.payload, false))
      const message = messages.read(frame)
      if (message) line.onMessage(JSON.parse(message.data.toString()))
    }
  })
  socket.on('error', () => socket.destroy())
  socket.on('close', () => line.onClose())
  return line
}

/** Two for one newcomer, three for the next: five links a peer in the end, as each link has two ends. */
function few(there: readonly string[]): string[] {
  const rest = [...there]
  const wanted = 2 + (there.length % 2)
  const chosen: string[] = []
  while (chosen.length < wanted && rest.length > 0)
    chosen.push(...rest.splice(Math.floor(Math.random() * rest.length), 1))
  return chosen
}

/** Tells a newcomer whom of those who are there to connect with, and passes on what has a `to`. */
function rooms(whom: (there: readonly string[]) => readonly string[]): (line: Line, url: URL) => void {
  const all = new Map<string, Map<string, Line>>()
  let count = 0
  return (line, url) => {
    const name = url.searchParams.get('room') ?? ''
    const room = all.get(name) ?? new Map<string, Line>()
    all.set(name, room)
    const id = `${++count}`
    line.send({ welcome: id, peers: whom([...room.keys()]) })
    room.set(id, line)
    line.onMessage = (message) => {
      const { to, ...note } = message as { to: string }
      room.get(to)?.send({ ...note, from: id })
    }
    line.onClose = () => room.delete(id)
  }
}

interface Filter {
  kinds?: number[]
  since?: number
  '#x'?: string[]
}
interface NostrEvent {
  id: string
  kind: number
  created_at: number
  tags: string[][]
}

const isWanted = (event: NostrEvent, { kinds, since = 0, '#x': topics }: Filter) =>
  (!kinds || kinds.includes(event.kind)) &&
  event.created_at >= since &&
  (!topics || event.tags.some(([name, value = '']) => name === 'x' && topics.includes(value)))

/** As much of a Nostr relay (NIP-01) as ephemeral events need: nothing is kept, no signature checked. */
function relay(): (line: Line) => void {
  const lines = new Map<Line, Map<string, Filter[]>>()
  return (line) => {
    const own = new Map<string, Filter[]>()
    lines.set(line, own)
    line.onClose = () => lines.delete(line)
    line.onMessage = (message) => {
      const [verb, subject, ...filters] = message as [string, unknown, ...Filter[]]
      if (verb === 'REQ') {
        own.set(String(subject), filters)
        line.send(['EOSE', subject])
      }
      if (verb === 'CLOSE') own.delete(String(subject))
      if (verb !== 'EVENT') return
      const event = subject as NostrEvent
      line.send(['OK', event.id, true, ''])
      for (const [other, subscriptions] of lines)
        for (const [id, wanted] of subscriptions)
          if (wanted.some((filter) => isWanted(event, filter))) other.send(['EVENT', id, event])
    }
  }
}
