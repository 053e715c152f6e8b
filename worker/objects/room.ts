import { DurableObject } from 'cloudflare:workers'
import { termsIn } from '../../protocol/consent'
import { MAX_SOCKET_MESSAGE_BYTES } from '../../protocol/limits'
import type { SignedBytes } from '../../protocol/message'
import { keySetOf } from '../../protocol/passport'
import { revokes } from '../../protocol/revocation'
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
import { keysOf } from '../keys'
import {
  INTRODUCE_COST,
  MAX_SOCKET_AGE_MS,
  MAX_SOCKETS_PER_ACCOUNT,
  MAX_SOCKETS_PER_NETWORK,
  MAX_SOCKETS_PER_ROOM,
  RULE_COST,
  TELL_COST,
} from '../limits'
import {
  type RoomPort,
  type SignedRevocation,
  socketTicketSchema,
  TERMS_HEADER,
  TICKET_HEADER,
} from '../ports'
import { problemResponse } from '../problem'
import { armAlarm, earliest } from './alarm'
import { Introductions } from './introductions'
import { envelopeFor, type Parcel, parcelIn } from './parcel'
import { RoomRevocations } from './room-revocations'
import { RoomRulings } from './room-rulings'
import { type RoomMember, RoomSockets } from './room-sockets'
import type { SocketBudget } from './socket-budget'
import { SocketBudgets } from './socket-budgets'
import { SpentIds } from './spent-ids'

/**
 * One room: introduces members to each other and passes their signed signals and sealed frames on. It decides
 * nothing about who is there, reads neither and keeps none; sockets hibernate, and all it knows of a member is the socket's
 * attachment. Storage holds spent tickets, revocations and rulings only, so what is passed on touches none.
 */
export class Room extends DurableObject<Env> implements RoomPort {
  readonly #sockets: RoomSockets
  readonly #introductions: Introductions
  readonly #tickets: SpentIds
  readonly #revocations: RoomRevocations
  readonly #rulings: RoomRulings
  readonly #budgets = new SocketBudgets()

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#sockets = new RoomSockets(ctx)
    this.#introductions = new Introductions(this.#sockets)
    this.#tickets = new SpentIds(ctx.storage.sql)
    this.#tickets.create()
    this.#revocations = new RoomRevocations(ctx.storage.sql)
    this.#rulings = new RoomRulings({
      sql: ctx.storage.sql,
      keys: () => keySetOf({ keys: [...keysOf(env.SIGNING_KEYS).published] }),
      isRevokedAt: (passport, ms) => this.#revocations.coversAt(passport, ms),
    })
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(SOCKET_PING, SOCKET_PONG))
  }

  override async fetch(request: Request): Promise<Response> {
    const ticket = socketTicketSchema.parse(JSON.parse(request.headers.get(TICKET_HEADER) ?? ''))
    if (!this.#tickets.spend(ticket.jti, ticket.expiresAt)) return problemResponse('ticket_refused')
    await armAlarm(this.ctx.storage, this.#tickets.due())
    if (this.#revocations.covers(ticket, Date.now())) return problemResponse('ticket_refused')
    const { room, account, device, bucket, ver, linked } = ticket
    const older = this.#sockets.of(device)
    for (const socket of older) this.#sockets.end(socket, SocketClose.replaced, 'replaced')
    const count = this.#sockets.count()
    const crowded =
      count >= MAX_SOCKETS_PER_ROOM ||
      this.#sockets.networks.sizeOf(bucket) >= MAX_SOCKETS_PER_NETWORK ||
      this.#sockets.ofAccount(account).length >= MAX_SOCKETS_PER_ACCOUNT
    if (crowded) return problemResponse('rate_limited', { retryAfter: 60 })
    const now = Date.now()
    const { 0: theirs, 1: ours } = new WebSocketPair()
    const objection = this.#objectionTo(ticket)
    if (objection) {
      // It can check why.
      this.#sockets.refuse(ours, this.#rulings.reasons(account), ...objection)
      return switched(theirs)
    }
    // Members check the signature themselves: it is them that it is for.
    const { direct = false, ...consent } = termsIn(request.headers.get(TERMS_HEADER) ?? '') ?? {}
    const terms = 'sig' in consent ? { direct, consent } : { direct }
    this.#sockets.accept(ours, { device, account, room, bucket, ver, linked, joinedAt: now, ...terms })
    // Replaced sockets still linger in their closing handshake.
    const sockets = Math.max(1, count + 1 - older.length)
    this.#say(ours, { t: 'welcome', now, members: this.#introductions.for(ours, device, now), sockets })
    for (const message of [...this.#revocations.messages(now), ...this.#rulings.greeting()])
      send(ours, message)
    return switched(theirs)
  }

  /** Tells everybody at once, then closes the sockets of those it speaks of. */
  async revoke({ jwt, claims }: SignedRevocation): Promise<void> {
    this.#revocations.add({ jwt, claims }, Date.now())
    this.#rulings.revoked()
    this.#tell(encodeToMember({ t: 'revoked', revocations: [jwt] }))
    for (const socket of this.#sockets.ofAccount(claims.sub)) {
      const member = this.#sockets.memberOf(socket)
      const isRevoked =
        member && revokes(claims, { sub: member.account, device: member.device, ver: member.ver })
      if (isRevoked) this.#sockets.end(socket, SocketClose.revoked, 'revoked')
    }
    await this.#arm()
  }

  /** The cheapest checks come first; what is only passed on is never decoded. */
  override webSocketMessage(socket: WebSocket, data: ArrayBuffer | string): void | Promise<void> {
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
    const now = Date.now()
    this.#tickets.prune(now)
    this.#revocations.prune(now)
    for (const socket of this.#sockets.openedBy(now - MAX_SOCKET_AGE_MS))
      this.#sockets.end(socket, SocketClose.aged, 'come back')
    await this.#arm()
  }

  async #arm(): Promise<void> {
    const oldest = this.#sockets.oldest()
    const aged = oldest === undefined ? undefined : oldest + MAX_SOCKET_AGE_MS
    await armAlarm(this.ctx.storage, earliest(this.#tickets.due(), this.#revocations.due(), aged))
  }

  #passOn(socket: WebSocket, { device, bucket }: RoomMember, parcel: Parcel): void {
    const [addressee] = this.#sockets.of(parcel.to)
    if (!addressee) return this.#say(socket, { t: 'absent', device: parcel.to })
    send(addressee, envelopeFor(parcel, device, bucket))
  }

  #answer(
    socket: WebSocket,
    member: RoomMember,
    message: FromMember | undefined,
    budget: SocketBudget,
    now: number,
  ): void | Promise<void> {
    if (message?.t === 'rule') return this.#rule(socket, member, message, budget, now)
    if (message?.t === 'tell') {
      if (!budget.takeMessage(TELL_COST - 1, now))
        return this.#sockets.end(socket, SocketClose.rateLimited, 'rate limited')
      for (const told of this.#rulings.told(message.ids)) send(socket, told)
      return
    }
    if (message?.t === 'terms') {
      const { direct, consent } = message
      return this.#sockets.setTerms(socket, member, consent ? { direct, consent } : { direct })
    }
    // Signals and frames do not get here, unless they are malformed.
    if (message?.t !== 'introduce') return this.#sockets.end(socket, SocketClose.malformed, 'malformed')
    if (!budget.takeMessage(INTRODUCE_COST - 1, now)) {
      return this.#sockets.end(socket, SocketClose.rateLimited, 'rate limited')
    }
    this.#say(socket, { t: 'introduced', members: this.#introductions.for(socket, member.device, now) })
  }

  /** One that does not hold is ignored: whoever brought it may have heard it from others, by other keys. */
  async #rule(
    socket: WebSocket,
    { room }: RoomMember,
    signed: SignedBytes,
    budget: SocketBudget,
    now: number,
  ): Promise<void> {
    if (!budget.takeMessage(RULE_COST - 1, now)) {
      return this.#sockets.end(socket, SocketClose.rateLimited, 'rate limited')
    }
    if (!room || !budget.takeRuling(now) || !(await this.#rulings.take(signed, room, now))) return
    this.#tell(encodeToMember({ t: 'ruled', bytes: signed.bytes, sig: signed.sig }))
    for (const other of this.#sockets.all()) {
      const objection = this.#objectionTo(this.#sockets.memberOf(other))
      if (objection) this.#sockets.end(other, ...objection)
    }
  }

  /** Why somebody may not be here, by what those who run or moderate the channel decided. */
  #objectionTo(member: Pick<RoomMember, 'account' | 'linked'> | undefined): [number, string] | undefined {
    if (!member) return undefined
    if (this.#rulings.isLinkedOnly && !member.linked) return [SocketClose.unlinked, 'not linked']
    return this.#rulings.isBanned(member.account) ? [SocketClose.banned, 'banned'] : undefined
  }

  #tell(message: Uint8Array<ArrayBuffer>): void {
    for (const socket of this.#sockets.all()) if (this.#sockets.memberOf(socket)) send(socket, message)
  }

  #say(socket: WebSocket, message: ToMember): void {
    send(socket, encodeToMember(message))
  }
}

const switched = (webSocket: WebSocket) =>
  new Response(null, { status: 101, webSocket, headers: { 'Sec-WebSocket-Protocol': SOCKET_PROTOCOL } })

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
