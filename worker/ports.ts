import type { AccountExport, DevicePlatform, DeviceView, TwitchLink } from '../protocol/api'
import { type AccountId, accountIdSchema, type DeviceId, deviceIdSchema } from '../protocol/device'
import type { ReportReason } from '../protocol/report-view'
import type { Revocation } from '../protocol/revocation'
import { type RoomId, roomIdSchema } from '../protocol/room-id'
import { networkBucketSchema } from '../protocol/room-socket'
import { z } from '../protocol/schema'
import type { TwitchAccountPort } from './twitch/ports'

/**
 * What the routes ask of the Durable Objects. Kept apart from them, so that the routes (and with them the
 * client's type) know nothing of the runtime's own types.
 */
export interface ObjectNamespace<T> {
  getByName(name: string): T
}

export type CodeIssue =
  | { outcome: 'issued'; id: string; code: string; expiresAt: number }
  | { outcome: 'attempts-exhausted' | 'requests-exhausted' | 'network-exhausted'; retryAfter: number }

/** Pseudonyms all, and of no use outside of what they are for. */
export interface CodeAsker {
  device: DeviceId
  /** The asker's network, as this address knows it. */
  network: string
  /** The object that counts the mails of that network. */
  sender: string
  /** The asker's browser, as this address would know it from before. */
  returning: string | undefined
}

export interface CodeGuess {
  device: DeviceId
  code: string
  /** Remembered if the code is right. */
  returning: string | undefined
}

export type Redemption =
  /** `again`: not for the first time, so nothing but that answer is to be had for it. */
  | { outcome: 'redeemed'; account: AccountId; again: boolean }
  | { outcome: 'refused' }
  | { outcome: 'attempts-exhausted'; retryAfter: number }

/** One e-mail address, known here only as the HMAC that names the object. `retryAfter` in seconds. */
export interface MailboxPort {
  /** Draws a code that `device` may trade in. */
  issueCode(asker: CodeAsker): Promise<CodeIssue>
  /** Takes back a code that could not be mailed; `sender` as when it was issued. */
  withdrawCode(id: string, sender: string): Promise<void>
  /**
   * Trades a code for the account of this address, which it creates if there is none. While the code lives its device
   * is told the same again, because the answer may be lost, or what follows may fail.
   */
  redeemCode(guess: CodeGuess): Promise<Redemption>
  /** Forgets that `account` was this address's, and who signed in to it. */
  disown(account: AccountId): Promise<void>
  /** Tells `device` no answers again: it was ended. */
  forgetDevice(device: DeviceId): Promise<void>
  /** Another account for an address whose own, `ended`, is no more. */
  accountAfter(ended: AccountId): Promise<AccountId>
}

/** One network, known here only as an HMAC. */
export interface NetworkPort {
  /** Takes one mail. 0 if it may be sent, else after how many seconds the next one may. */
  takeMail(): Promise<number>
  /** Gives one back that was not sent. */
  giveMailBack(): Promise<void>
}

/** A device that proved itself. `platform`: what it runs on, if it said so. */
export interface NewDevice {
  device: DeviceId
  seal: string
  platform?: DevicePlatform | undefined
}

export interface Member {
  account: AccountId
  device: DeviceId
  seal: string
  displayName: string
  /** Rises with every change of what a passport says. */
  ver: number
  /** The linked Twitch account. */
  twitch: TwitchLink | null
  /** The hash of the profile picture, if there is one. */
  avatar?: string
}

/** What a device may ask for only so often. */
export type Paced = 'ice' | 'ticket' | 'picture' | 'names' | 'suggestions' | 'renames' | 'twitch' | 'role'

/** `retryAfter` in seconds. */
export type Admission =
  | { outcome: 'admitted'; member: Member }
  | { outcome: 'device-refused' | 'replayed' | 'suspended' }
  | { outcome: 'rate-limited'; retryAfter: number }

/** `displayName`: the name afterwards. `retryAfter` in seconds. */
export type Renaming =
  | { outcome: 'renamed' | 'unchanged' | 'taken'; displayName: string }
  | { outcome: 'rate-limited'; displayName: string; retryAfter: number }

/** Whether an account has a name: committed, about to be, or not at all. */
export type NameHold = 'held' | 'pending' | 'none'

/** `retryAfter` in seconds. */
export type PictureChange =
  | { outcome: 'done'; avatar: string }
  | { outcome: 'rate-limited'; retryAfter: number }

/** A profile picture as its owner is given it: `webp` is the file in base64, `null` if the bucket has lost it. */
export interface PictureExport {
  avatar: string
  webp: string | null
}

/** The bucket of profile pictures, as far as R2 is used. */
export interface PictureBucket {
  head(key: string): Promise<{ size: number } | null>
  get(
    key: string,
    options?: { range: { offset: number; length: number } },
  ): Promise<{ body: ReadableStream; size: number; arrayBuffer(): Promise<ArrayBuffer> } | null>
  put(
    key: string,
    bytes: Uint8Array<ArrayBuffer>,
    options: { httpMetadata: { contentType: string } },
  ): Promise<unknown>
  delete(keys: string[]): Promise<void>
  /** At most 1,000 at a time. */
  list(options: { prefix: string }): Promise<{ objects: { key: string }[] }>
}

export interface Proof {
  device: DeviceId
  jti: string
  until: number
  paced?: Paced | undefined
}

/** `ending`: some of it is still to be erased; it is out of service like one that has `ended`. */
export type AccountStanding = 'live' | 'suspended' | 'ending' | 'ended'

/** What the operator is told of an account. */
export interface AccountOverview {
  accountId: AccountId
  standing: AccountStanding
  /** ms since the epoch. */
  createdAt: number
  displayName: string | null
  ver: number
  devices: number
  seenAt: number | null
  avatar: string | null
  twitch: string | null
}

export interface AccountPort extends TwitchAccountPort {
  /** Whether somebody may sign in to it. */
  standing(): Promise<AccountStanding>
  /**
   * Adds a device that proved itself, and names the account if it has no name yet. `mailbox`: the pseudonym of the address
   * that led here. Rejects for an account that has ended.
   */
  register(device: NewDevice & { account: AccountId; mailbox?: string }): Promise<Member>
  /** Lets a registered device in, once per proof id; the id is remembered until `until` (ms). `paced`: what for. */
  admit(proof: Proof): Promise<Admission>
  /** The account's devices, as `current` sees them. */
  devices(current: DeviceId): Promise<DeviceView[]>
  /** From now on the device gets nothing, and its sockets close. Whether it was one of this account's. */
  endDevice(device: DeviceId): Promise<boolean>
  rename(displayName: string): Promise<Renaming>
  /** Takes a picture that was checked. Rejects while it cannot be stored. */
  setPicture(hash: string, bytes: Uint8Array<ArrayBuffer>): Promise<PictureChange>
  /** Removes the picture. Whether there was one. */
  removePicture(): Promise<boolean>
  /** Asked by the name shards before they let a lapsed claim go. */
  holdOf(fold: string): Promise<NameHold>
  /** Notes that `device` gets a ticket to `room`, so that the room can be told when it ends. */
  visit(visit: Visit): Promise<Visiting>
  /** Whether any of `folds` was taken from this account by the operator, so that it cannot have it again for now. */
  lostAny(folds: readonly string[]): Promise<boolean>
  /** Everything that is known of the account, for its owner on `asker`, or by way of the operator. `null` if it has ended. */
  export(asker?: DeviceId): Promise<AccountExport | null>
  /** Ends the account for good. Resolves when it is out of service; what is left to erase follows. */
  end(): Promise<void>
  /** What the operator may see; `null` for an id that nobody has. */
  overview(): Promise<AccountOverview | null>
  /** Puts the account out of service, or lets it in again. Whether there is such an account. */
  setSuspended(suspended: boolean): Promise<boolean>
  /** What passports say must go at once: they count no more, and everybody in a room gets a new one. */
  revokePassports(): Promise<void>
  /** Takes the name away if any of `folds` is a key of it, and draws another, which it returns. */
  loseName(folds: readonly string[]): Promise<string | null>
}

export interface Visit {
  device: DeviceId
  room: RoomId
}

/** `retryAfter` in seconds. */
export type Visiting =
  | { outcome: 'noted' | 'device-refused' | 'suspended' }
  | { outcome: 'rate-limited'; retryAfter: number }

/** Whose a name is: nobody's, the asker's (also one given up lately), or somebody else's. */
export type NameStanding = 'free' | 'yours' | 'taken'

/** One of the fixed shards of the name registry. `fold` is a folded name, `owner` an account id. */
export interface NameShardPort {
  standing(fold: string, asker: AccountId): Promise<NameStanding>
  reserve(fold: string, owner: AccountId): Promise<boolean>
  /** `ver`: the account's version, so that word which comes late changes nothing. */
  confirm(fold: string, owner: AccountId, ver: number): Promise<boolean>
  retire(fold: string, owner: AccountId, ver: number): Promise<void>
  /** Whose a name is, also one given up lately. For the operator. */
  ownerOf(fold: string): Promise<AccountId | null>
  /** Frees a name that its owner does not have any more, before the hold is over. For the operator. */
  free(fold: string, owner: AccountId): Promise<void>
}

/** A report that was checked, as the operator reads it. */
export interface KeptReport {
  id: string
  /** When it came (ms). */
  at: number
  room: RoomId
  reporter: { accountId: AccountId; name: string }
  account: AccountId
  /** What they are called: by a passport that came along, else as the reporter says. */
  name: string
  reason: ReportReason
  words: string
  messages: { text: string; ms: number }[]
  unproven: number
}

/** What members told the operator. One object for all, because it is little, and paced. */
export interface ReportsPort {
  /**
   * Whether the report with this id may come: 0, or after how many seconds. `known`: it has come already. Costs its reporter and
   * their `network`, a pseudonym of this object's alone; so the caller has checked whose it is.
   */
  admit(id: string, reporter: AccountId, network: string): Promise<'known' | number>
  /** Keeps a report that was admitted, the same one twice as one. */
  add(report: KeptReport): Promise<void>
  /** The newest first. */
  list(): Promise<KeptReport[]>
}

/** `jwt` says what `claims` say. */
export interface SignedRevocation {
  claims: Revocation
  jwt: string
}

/** What the Worker has checked about whoever opens a socket. */
export const socketTicketSchema = z.object({
  room: roomIdSchema,
  account: accountIdSchema,
  device: deviceIdSchema,
  /** The asker's network, as this room knows it. */
  bucket: networkBucketSchema,
  /** The version of the account's passports when the ticket was given out. */
  ver: z.int(),
  /** Whether the account was linked to a Twitch account then. */
  linked: z.boolean(),
  jti: z.string(),
  expiresAt: z.int(),
})
export type SocketTicket = z.infer<typeof socketTicketSchema>

export interface RoomPort {
  /** Takes a WebSocket upgrade that carries a `SocketTicket` in `TICKET_HEADER`. */
  fetch(request: Request): Promise<Response>
  /** Closes the sockets of whoever is revoked, tells all others, and remembers it for those who come. Idempotent. */
  revoke(revocation: SignedRevocation): Promise<void>
}

/** Set by the Worker on the request it makes itself; nothing from outside reaches a room object. */
export const TICKET_HEADER = 'X-Sidestream-Ticket'
/** Likewise: the member's own word on direct links, as it came. */
export const TERMS_HEADER = 'X-Sidestream-Terms'
