import { DurableObject } from 'cloudflare:workers'
import type { DeviceId } from '../../protocol/device'
import {
  decodeFromMember,
  encodeToMember,
  type FromMember,
  SOCKET_PING,
  SOCKET_PONG,
  SocketClose,
  type ToMember,
} from '../../protocol/room-socket'
import { SOCKET_PROTOCOL } from '../../protocol/socket-protocol'
import type { Env } from '../env'
import { INTRODUCE_COST, MAX_SOCKETS_PER_ACCOUNT, MAX_SOCKETS_PER_ROOM } from '../limits'
import { type RoomPort, socketTicketSchema, TICKET_HEADER } from '../ports'
import { problemResponse } from '../problem'
import { armAlarm } from './alarm'
import { introductions } from './introductions'
import { RoomSockets } from './room-sockets'
import { SocketRate } from './socket-rate'
import { SpentIds } from './spent-ids'

/**
 * One room: introduces members to each other and passes their signed signals on. It decides nothing about who
 * is there, reads no signal and keeps none; sockets hibernate, and all it knows of a member is the socket's
 * attachment. Storage holds spent tickets only, so a signal touches none.
 */
export class Room extends DurableObject<Env> implements RoomPort {
  readonly #sockets: RoomSockets
  readonly #tickets: SpentIds
  readonly #rate = new SocketRate()

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#sockets = new RoomSockets(ctx)
    this.#tickets = new SpentIds(ctx.storage.sql)
    this.#tickets.create()
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(SOCKET_PING, SOCKET_PONG))
  }

  override async fetch(request: Request): Promise<Response> {
    const ticket = socketTicketSchema.parse(JSON.parse(request.headers.get(TICKET_HEADER) ?? ''))
    if (!this.#tickets.spend(ticket.jti, ticket.expiresAt)) return problemResponse('ticket_refused')
    await armAlarm(this.ctx.storage, this.#tickets.due())
    const { account, device, network } = ticket
    const older = this.#sockets.of(device)
    for (const socket of older) this.#sockets.end(socket, SocketClose.replaced, 'replaced')
    const crowded =
      this.#sockets.ofAccount(account).length >= MAX_SOCKETS_PER_ACCOUNT ||
      this.#sockets.count() >= MAX_SOCKETS_PER_ROOM
    if (crowded) return problemResponse('rate_limited', { retryAfter: 60 })
    const now = Date.now()
    const { 0: theirs, 1: ours } = new WebSocketPair()
    this.#sockets.accept(ours, { device, account, network, joinedAt: now })
    // Replaced sockets still linger in their closing handshake.
    const sockets = Math.max(1, this.#sockets.count() - older.length)
    this.#say(ours, { t: 'welcome', now, members: this.#introduce(device, now), sockets })
    return new Response(null, {
      status: 101,
      webSocket: theirs,
      headers: { 'Sec-WebSocket-Protocol': SOCKET_PROTOCOL },
    })
  }

  override webSocketMessage(socket: WebSocket, data: ArrayBuffer | string): void {
    const member = this.#sockets.memberOf(socket)
    if (!member) return
    const message = decoded(data)
    if (!message) return this.#sockets.end(socket, SocketClose.malformed, 'malformed')
    const now = Date.now()
    if (!this.#rate.spend(socket, message.t === 'introduce' ? INTRODUCE_COST : 1, now)) {
      return this.#sockets.end(socket, SocketClose.rateLimited, 'rate limited')
    }
    if (message.t === 'introduce') {
      return this.#say(socket, { t: 'introduced', members: this.#introduce(member.device, now) })
    }
    const [addressee] = this.#sockets.of(message.to)
    if (!addressee) return this.#say(socket, { t: 'absent', device: message.to })
    this.#say(addressee, { t: 'signal', from: member.device, data: message.data })
  }

  /** Completes the closing handshake: nobody else does it for a socket that may hibernate. */
  override webSocketClose(socket: WebSocket): void {
    this.#sockets.end(socket, 1000, 'bye')
  }

  override webSocketError(socket: WebSocket): void {
    this.#sockets.end(socket, 1011, 'error')
  }

  override async alarm(): Promise<void> {
    this.#tickets.prune(Date.now())
    await armAlarm(this.ctx.storage, this.#tickets.due())
  }

  #introduce(newcomer: DeviceId, now: number): DeviceId[] {
    return introductions(this.#sockets, newcomer, now)
  }

  #say(socket: WebSocket, message: ToMember): void {
    try {
      socket.send(encodeToMember(message))
    } catch {
      // Closed meanwhile; whoever it was will be absent from now on.
    }
  }
}

function decoded(data: ArrayBuffer | string): FromMember | undefined {
  if (typeof data === 'string') return undefined
  try {
    return decodeFromMember(new Uint8Array(data))
  } catch {
    return undefined
  }
}
