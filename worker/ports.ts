import { type AccountId, accountIdSchema, type DeviceId, deviceIdSchema } from '../protocol/device'
import { z } from '../protocol/schema'

/**
 * What the routes ask of the Durable Objects. Kept apart from them, so that the routes (and with them the
 * client's type) know nothing of the runtime's own types.
 */
export interface ObjectNamespace<T> {
  getByName(name: string): T
}

export type CodeIssue =
  | { outcome: 'issued'; id: string; code: string; expiresAt: number }
  | { outcome: 'attempts-exhausted' | 'requests-exhausted'; retryAfter: number }

export type Redemption =
  | { outcome: 'redeemed'; account: AccountId }
  | { outcome: 'refused' }
  | { outcome: 'attempts-exhausted'; retryAfter: number }

/** One e-mail address, known here only as the HMAC that names the object. `retryAfter` in seconds. */
export interface MailboxPort {
  /** Draws a code that `device` may trade in. `network` is a pseudonym of the asker's network. */
  issueCode(asker: { device: DeviceId; network: string }): Promise<CodeIssue>
  /** Takes back a code that could not be mailed. */
  withdrawCode(id: string): Promise<void>
  /** Trades a code for the account of this address, which it creates if there is none. */
  redeemCode(guess: { device: DeviceId; code: string }): Promise<Redemption>
}

export interface Member {
  account: AccountId
  device: DeviceId
  seal: string
  displayName: string
  /** Rises with every change of what a passport says. */
  ver: number
}

/** What a device may ask for only so often. */
export type Paced = 'ice' | 'ticket'

/** `retryAfter` in seconds. */
export type Admission =
  | { outcome: 'admitted'; member: Member }
  | { outcome: 'device-refused' | 'replayed' }
  | { outcome: 'rate-limited'; retryAfter: number }

export type Renaming = { outcome: 'renamed' | 'unchanged' | 'taken' | 'rate-limited'; displayName: string }

/** Whether an account has a name: committed, about to be, or not at all. */
export type NameHold = 'held' | 'pending' | 'none'

export interface Proof {
  device: DeviceId
  jti: string
  until: number
  paced?: Paced | undefined
}

export interface AccountPort {
  /** Adds a device that proved itself, and names the account if it has no name yet. */
  register(device: { account: AccountId; device: DeviceId; seal: string }): Promise<Member>
  /** Lets a registered device in, once per proof id; the id is remembered until `until` (ms). `paced`: what for. */
  admit(proof: Proof): Promise<Admission>
  endDevice(device: DeviceId): Promise<void>
  rename(displayName: string): Promise<Renaming>
  /** Asked by the name shards before they let a lapsed claim go. */
  holdOf(fold: string): Promise<NameHold>
}

/** One of the fixed shards of the name registry. `fold` is a folded name, `owner` an account id. */
export interface NameShardPort {
  reserve(fold: string, owner: AccountId): Promise<boolean>
  confirm(fold: string, owner: AccountId): Promise<boolean>
  retire(fold: string, owner: AccountId): Promise<void>
}

/** What the Worker has checked about whoever opens a socket. */
export const socketTicketSchema = z.object({
  account: accountIdSchema,
  device: deviceIdSchema,
  /** The asker's network, as a pseudonym that means nothing outside this room. */
  network: z.string(),
  jti: z.string(),
  expiresAt: z.int(),
})
export type SocketTicket = z.infer<typeof socketTicketSchema>

export interface RoomPort {
  /** Takes a WebSocket upgrade that carries a `SocketTicket` in `TICKET_HEADER`. */
  fetch(request: Request): Promise<Response>
}

/** Set by the Worker on the request it makes itself; nothing from outside reaches a room object. */
export const TICKET_HEADER = 'X-Sidestream-Ticket'
