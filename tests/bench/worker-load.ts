import { accountIdSchema, type DeviceId, deviceIdOf } from '../../protocol/device'
import { roomIdSchema } from '../../protocol/room-id'
import { decodeToMember, encodeFromMember, networkBucketOf } from '../../protocol/room-socket'
import { SOCKET_PROTOCOL, TICKET_PROTOCOL_PREFIX } from '../../protocol/socket-protocol'
import { issueTicket } from '../../worker/auth/ticket'
import { keysOf } from '../../worker/keys'
import { randomId } from '../../worker/random'

/** One end of a WebSocket under load, and what came through it. */
export interface Client {
  /** Sends message number `id` and returns once it was handed over. */
  send(id: number): void
  close(): void
}

/** Something that carries messages: the room, or the echo it is measured against. */
export interface Carrier {
  /** Opens one more socket. `ready`: ms until its first message. Rejects if it does not come within 30 s. */
  open(): Promise<{ client: Client; ready: number }>
  /** What is needed for the next `open`s, so that none of it is measured. */
  prepare(count: number): Promise<void>
  /** Message number `id` has arrived, wherever it was to arrive. */
  onArrival: (id: number) => void
  /** A socket closed that was not asked to. */
  onLoss: (code: number) => void
}

const OPENING_MS = 30_000
const ROOM = roomIdSchema.parse('twitch:bench')

/** A payload of `size` bytes that starts with its number. */
function payload(id: number, size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size)
  new DataView(bytes.buffer).setUint32(0, id)
  return bytes
}
const numberOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)

interface Opening {
  url: string
  protocols: string[]
  onMessage(bytes: Uint8Array): void
  onLoss(code: number): void
}

/** Resolves with the socket and how long (ms) its first message took. */
function opened({
  url,
  protocols,
  onMessage,
  onLoss,
}: Opening): Promise<{ socket: WebSocket; ready: number }> {
  const began = performance.now()
  const socket = new WebSocket(url, protocols)
  socket.binaryType = 'arraybuffer'
  return new Promise((ready, failed) => {
    const deadline = setTimeout(() => failed(new Error('no first message')), OPENING_MS)
    socket.onmessage = () => {
      clearTimeout(deadline)
      ready({ socket, ready: performance.now() - began })
      socket.onmessage = ({ data }) => onMessage(new Uint8Array(data))
    }
    socket.onclose = ({ code }) => {
      clearTimeout(deadline)
      failed(new Error(`closed with ${code}`))
      onLoss(code)
    }
  })
}

/** The bare object: each message comes back to its sender. */
export function echoCarrier(origin: string, size: number): Carrier {
  const carrier: Carrier = {
    onArrival: () => {},
    onLoss: () => {},
    async prepare() {},
    async open() {
      const { socket, ready } = await opened({
        url: `${origin.replace('http', 'ws')}/bench/echo`,
        protocols: [],
        onMessage: (bytes) => carrier.onArrival(numberOf(bytes)),
        onLoss: (code) => carrier.onLoss(code),
      })
      const client = { send: (id: number) => socket.send(payload(id, size)), close: () => quietly(socket) }
      return { client, ready }
    },
  }
  return carrier
}

/** What members of the room send: each to the next but `id % spread` of those who joined before `spread` more did. */
export interface RoomLoad {
  kind: 'signal' | 'hub'
  size: number
  spread: number
}

/** The room object as it ships. `load` may be changed between two rounds. */
export function roomCarrier(origin: string, signingKeys: string): Carrier & { load: RoomLoad } {
  const tickets: { device: DeviceId; ticket: string }[] = []
  const devices: DeviceId[] = []
  const keys = keysOf(signingKeys)
  const carrier: Carrier & { load: RoomLoad } = {
    load: { kind: 'hub', size: 1_000, spread: 1 },
    onArrival: () => {},
    onLoss: () => {},
    async prepare(count) {
      for (let made = 0; made < count; made++) {
        const device = deviceIdOf(crypto.getRandomValues(new Uint8Array(32)))
        const account = accountIdSchema.parse(randomId(16))
        const bucket = networkBucketOf(new Uint8Array(new BigUint64Array([BigInt(made % 500)]).buffer))
        const { ticket } = await issueTicket(
          keys,
          { account, device, bucket, ver: 1, linked: false },
          { room: ROOM, origin, now: Date.now() },
        )
        tickets.push({ device, ticket })
      }
    },
    async open() {
      const holder = tickets.shift()
      if (!holder) throw new Error('not prepared')
      const { socket, ready } = await opened({
        url: `${origin.replace('http', 'ws')}/rooms/${ROOM}/socket`,
        protocols: [SOCKET_PROTOCOL, `${TICKET_PROTOCOL_PREFIX}${holder.ticket}`],
        onMessage: (bytes) => {
          const message = decodeToMember(bytes)
          if (message.t === 'signal' || message.t === 'hub') carrier.onArrival(numberOf(message.data))
        },
        onLoss: (code) => carrier.onLoss(code),
      })
      const place = devices.push(holder.device) - 1
      const client = {
        send(id: number) {
          const { kind, size, spread } = carrier.load
          const to = devices[(place + 1 + (id % spread)) % devices.length] ?? holder.device
          socket.send(encodeFromMember({ t: kind, to, data: payload(id, size) }))
        },
        close: () => quietly(socket),
      }
      return { client, ready }
    },
  }
  return carrier
}

function quietly(socket: WebSocket): void {
  socket.onclose = null
  socket.close()
}
