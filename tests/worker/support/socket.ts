import { decodeToMember, encodeFromMember, type ToMember } from '../../../protocol/room-socket'
import { SOCKET_PROTOCOL, TICKET_PROTOCOL_PREFIX } from '../../../protocol/socket-protocol'
import { ticketFor, type Viewer } from './viewer'
import { call } from './worker'

export interface MemberSocket {
  socket: WebSocket
  /** The next message; rejects after three seconds without one. */
  next(): Promise<ToMember>
  /** Everything that came and was not taken by `next`. */
  readonly inbox: ToMember[]
  readonly texts: string[]
  closed: Promise<{ code: number; reason: string }>
}

export const openSocket = (room: string, ticket: string, headers: Record<string, string> = {}) =>
  call('GET', `/rooms/${room}/socket`, {
    headers: {
      Upgrade: 'websocket',
      'Sec-WebSocket-Protocol': `${SOCKET_PROTOCOL}, ${TICKET_PROTOCOL_PREFIX}${ticket}`,
      ...headers,
    },
  })

/** Opens the viewer's socket by the real routes; the `welcome` is the first message of `next`. */
export const join = async (viewer: Viewer, room: string, headers: Record<string, string> = {}) =>
  memberSocket(await openSocket(room, await ticketFor(viewer, room, headers)))

/** The socket of an answer to an upgrade. */
export async function memberSocket(response: Response): Promise<MemberSocket> {
  const socket = response.webSocket
  if (!socket) throw new Error(`no socket: ${response.status} ${await response.text()}`)
  if (response.headers.get('Sec-WebSocket-Protocol') !== SOCKET_PROTOCOL) throw new Error('no protocol')
  const inbox: ToMember[] = []
  const texts: string[] = []
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.addEventListener('close', ({ code, reason }) => resolve({ code, reason }))
  })
  socket.addEventListener('message', ({ data }) => {
    if (typeof data === 'string') texts.push(data)
    else if (data instanceof ArrayBuffer) inbox.push(decodeToMember(new Uint8Array(data)))
    else throw new TypeError('neither text nor bytes')
  })
  socket.binaryType = 'arraybuffer'
  socket.accept()
  const next = () => until(() => inbox.shift())
  return { socket, next, inbox, texts, closed }
}

/** Looks again until there is something, for three seconds of the machine's time: the Worker's clock stays as it is. */
export async function until<T>(look: () => T | undefined | false): Promise<T> {
  for (let waited = 0; waited < 300; waited++) {
    const seen = look()
    if (seen !== undefined && seen !== false) return seen
    await scheduler.wait(10)
  }
  throw new Error('nothing came')
}

let rooms = 0
/** A room that nobody was in yet. */
export const newRoom = () => `twitch:room_${++rooms}`

export const introduce = encodeFromMember({ t: 'introduce' })
export const signalTo = ({ device }: Viewer, data: Uint8Array<ArrayBuffer>) =>
  encodeFromMember({ t: 'signal', to: device.id, data })
export const hubTo = ({ device }: Viewer, data: Uint8Array<ArrayBuffer>) =>
  encodeFromMember({ t: 'hub', to: device.id, data })
export const terms = (direct: boolean) => encodeFromMember({ t: 'terms', direct })
/** Whom a message introduces. */
export const membersOf = (message: ToMember) =>
  'members' in message ? message.members.map(({ device }) => device) : undefined
