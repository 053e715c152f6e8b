import { consentProofSchema } from '../../protocol/consent'
import { type AccountId, accountIdSchema, type DeviceId, deviceIdSchema } from '../../protocol/device'
import { roomIdSchema } from '../../protocol/room-id'
import { networkBucketSchema } from '../../protocol/room-socket'
import { z } from '../../protocol/schema'
import { earliest } from './alarm'
import { Networks } from './networks'

/** What a socket remembers of its member, through hibernation too (at most 2 KB). */
const roomMemberSchema = z.object({
  device: deviceIdSchema,
  account: accountIdSchema,
  /** Unknown of sockets from before there was something to decide in a room. */
  room: roomIdSchema.optional(),
  bucket: networkBucketSchema,
  /** The account's version when the ticket was given out; 0 for sockets from before there was one. */
  ver: z.int().default(0),
  /** Whether the account was linked to a Twitch account then. */
  linked: z.boolean().default(false),
  joinedAt: z.int(),
  /** Whether it agrees to direct links, as it said last. */
  direct: z.boolean(),
  /** Its signature under that. */
  consent: consentProofSchema.exactOptional(),
})
export type RoomMember = z.infer<typeof roomMemberSchema>

const deviceTag = (device: DeviceId) => `device:${device}`
const accountTag = (account: AccountId) => `account:${account}`

/** The open sockets of a room, found by the tags and attachments that the runtime keeps for us. */
export class RoomSockets {
  readonly #ctx: DurableObjectState
  /** What attachments say, so that a relayed message parses none. Gone with hibernation. */
  readonly #members = new WeakMap<WebSocket, RoomMember>()
  #networks: Networks | undefined

  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx
  }

  accept(socket: WebSocket, member: RoomMember): void {
    this.#ctx.acceptWebSocket(socket, [deviceTag(member.device), accountTag(member.account)])
    this.#note(socket, member)
    this.#networks?.add(member)
  }

  /** Whoever is here by network. Found anew when it is first asked for: waking for what is only passed on is cheap. */
  get networks(): Networks {
    this.#networks ??= new Networks(this.all().flatMap((socket) => this.memberOf(socket) ?? []))
    return this.#networks
  }

  /** Takes a socket that nobody is to have: it is told `messages` and ended. */
  refuse(
    socket: WebSocket,
    messages: readonly Uint8Array<ArrayBuffer>[],
    code: number,
    reason: string,
  ): void {
    this.#ctx.acceptWebSocket(socket)
    for (const message of messages) socket.send(message)
    this.end(socket, code, reason)
  }

  all(): WebSocket[] {
    return this.#ctx.getWebSockets()
  }

  /** Sockets that the runtime holds, those on their way out included. */
  count(): number {
    return this.all().length
  }

  of(device: DeviceId): WebSocket[] {
    return this.#ctx.getWebSockets(deviceTag(device)).filter((socket) => this.memberOf(socket))
  }

  ofAccount(account: AccountId): WebSocket[] {
    return this.#ctx.getWebSockets(accountTag(account)).filter((socket) => this.memberOf(socket))
  }

  /** Whose socket it is; `undefined` once we have ended it, even if it lingers in its closing handshake. */
  memberOf(socket: WebSocket): RoomMember | undefined {
    const known = this.#members.get(socket)
    if (known) return known
    const member = roomMemberSchema.safeParse(socket.deserializeAttachment()).data
    if (member) this.#members.set(socket, member)
    return member
  }

  /** Notes whether the member agrees to direct links. */
  setTerms(socket: WebSocket, member: RoomMember, terms: Pick<RoomMember, 'direct' | 'consent'>): void {
    const { direct: _direct, consent: _consent, ...rest } = member
    this.#note(socket, { ...rest, ...terms })
  }

  /** When the member was last known to be there (ms): its last ping, or its arrival. */
  seenAt(socket: WebSocket, member: RoomMember): number {
    return Math.max(member.joinedAt, this.#ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime() ?? 0)
  }

  /** Those that have been open since `ms` or longer. */
  openedBy(ms: number): WebSocket[] {
    return this.all().filter((socket) => (this.memberOf(socket)?.joinedAt ?? Number.POSITIVE_INFINITY) <= ms)
  }

  /** When the oldest one opened (ms). */
  oldest(): number | undefined {
    return earliest(...this.all().map((socket) => this.memberOf(socket)?.joinedAt))
  }

  end(socket: WebSocket, code: number, reason: string): void {
    const member = this.memberOf(socket)
    if (member) this.#networks?.remove(member)
    this.#members.delete(socket)
    socket.serializeAttachment(null)
    try {
      socket.close(code, reason)
    } catch {
      // Closed already.
    }
  }

  #note(socket: WebSocket, member: RoomMember): void {
    socket.serializeAttachment(member)
    this.#members.set(socket, member)
  }
}
