import { DurableObject } from 'cloudflare:workers'
import type { DeviceId } from '../../protocol/device'
import { MAX_SOCKET_MESSAGE_BYTES } from '../../protocol/limits'
import {
  decodeFromMember,
  encodeToMember,
  type FromMember,
  type Introduction,
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
import { envelopeFor, type Parcel, parcelIn } from './parcel'
import { type RoomMember, RoomSockets } from './room-sockets'
import type { SocketBudget } from './socket-budget'
import { SocketBudgets } from './socket-budgets'
import { SpentIds } from './spent-ids'

/**
 * One room: introduces members to each other and passes their signed signals and sealed frames on. It decides
 * nothing about who is there, reads neither and keeps none; sockets hibernate, and all it knows of a member is the socket's
 * attachment. Storage holds spent tickets only, so what is passed on touches none.
 */
export class Room extends DurableObject<Env> implements RoomPort {
  readonly #sockets: RoomSockets
  readonly #tickets: SpentIds
  readonly #budgets = new SocketBudgets()

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
    const count = this.#sockets.count()
    const crowded =
      count >= MAX_SOCKETS_PER_ROOM || this.#sockets.ofAccount(account).length >= MAX_SOCKETS_PER_ACCOUNT
    if (crowded) return problemResponse('rate_limited', { retryAfter: 60 })
    const now = Date.now()
    const { 0: theirs, 1: ours } = new WebSocketPair()
    this.#sockets.accept(ours, { device, account, network, joinedAt: now, direct: false })
    // Replaced sockets still linger in their closing handshake.
    const sockets = Math.max(1, count + 1 - older.length)
    this.#say(ours, { t: 'welcome', now, members: this.#introduce(device, now), sockets })
    return new Response(null, {
      status: 101,
      webSocket: theirs,
      headers: { 'Sec-WebSocket-Protocol': SOCKET_PROTOCOL },
    })
  }

  /** The cheapest checks come first; what is only passed on is never decoded. */
  override webSocketMessage(socket: WebSocket, data: ArrayBuffer | string): void {
    const member = this.#sockets.memberOf(socket)
    if (!member) return
    if (typeof data === 'string' || data.byteLength > MAX_SOCKET_MESSAGE_BYTES) {
      return this.#sockets.end(socket, SocketClose.malformed, 'malformed')
    }
    const now = Date.now()
    const budget = this.#budgets.of(member.device, now)
    const bytes = new Uint8Array(data)
    const parcel = parcelIn(bytes)
    const isGranted = parcel?.t === 'hub' ? budget.takeHubFrame(parcel.size, now) : budget.takeMessage(1, now)
    if (!isGranted) return this.#sockets.end(socket, SocketClose.rateLimited, 'rate limited')
    if (!parcel) return this.#answer(socket, member, decoded(bytes), budget, now)
    if (parcel.t === 'hub' || budget.takeSignal(parcel.to, now)) this.#passOn(socket, member, parcel)
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

  #passOn(socket: WebSocket, { device }: RoomMember, parcel: Parcel): void {
    const [addressee] = this.#sockets.of(parcel.to)
    if (!addressee) return this.#say(socket, { t: 'absent', device: parcel.to })
    send(addressee, envelopeFor(parcel, device))
  }

  #answer(
    socket: WebSocket,
    member: RoomMember,
    message: FromMember | undefined,
    budget: SocketBudget,
    now: number,
  ): void {
    if (message?.t === 'terms') return this.#sockets.setTerms(socket, member, message.direct)
    // Signals and frames do not get here, unless they are malformed.
    if (message?.t !== 'introduce') return this.#sockets.end(socket, SocketClose.malformed, 'malformed')
    if (!budget.takeMessage(INTRODUCE_COST - 1, now)) {
      return this.#sockets.end(socket, SocketClose.rateLimited, 'rate limited')
    }
    this.#say(socket, { t: 'introduced', members: this.#introduce(member.device, now) })
  }

  #introduce(newcomer: DeviceId, now: number): Introduction[] {
    return introductions(this.#sockets, newcomer, now)
  }

  #say(socket: WebSocket, message: ToMember): void {
    send(socket, encodeToMember(message))
  }
}

function send(socket: WebSocket, bytes: Uint8Array<ArrayBuffer>): void {
  try {
    socket.send(bytes)
  } catch {
    // Closed meanwhile; whoever it was will be absent from now on.
  }
}

function decoded(bytes: Uint8Array): FromMember | undefined {
  try {
    return decodeFromMember(bytes)
  } catch {
    return undefined
  }
}
