import type { JSONWebKeySet } from 'jose'
import type { DeviceView, IceServers, NameAvailability } from './api'
import type { AccountId, DeviceId } from './device'
import type { EMOTES_CHANGED } from './emotes'
import type { ErrorCode } from './error-codes'
import type { Role } from './role'
import type { RoomId } from './room-id'

/** Who this browser is, as the popup and the panel show it. */
export type IdentityView =
  | { state: 'signed-out' }
  /** A code was mailed; the viewer may close everything while fetching it. `expiresAt` in ms. */
  | { state: 'code-sent'; email: string; expiresAt: number }
  /** `suspended`: by the Worker's operator; no room takes this account until that ends. */
  | { state: 'signed-in'; accountId: AccountId; displayName: string; avatar?: string; suspended?: boolean }

/** What the room host needs in order to speak for this browser. Keys never travel: both contexts read them from the database. */
export interface Credentials {
  device: DeviceId
  accountId: AccountId
  displayName: string
  /** The hash of the profile picture, if there is one. */
  avatar?: string
  passport: string
  /** The Twitch login that others see, if the viewer shows one. */
  twitch?: string
  /** When to ask again for a fresher one (ms on the Worker's clock); past, while the Worker cannot be asked. */
  renewAt: number
  jwks: JSONWebKeySet
  /** The Worker's clock now (ms), as far as it is known. */
  serverTime: number
}

/** What opens one room socket, once, within 30 s. */
export interface SocketPass {
  url: string
  protocols: string[]
}

/** What `RTCPeerConnection` takes as `iceServers`, and until when (ms) it may be used. */
export interface IcePass {
  iceServers: IceServers
  expiresAt: number
}

/**
 * Credentials for relays are asked for anew when they hold no longer than this (ms): a link that is being set up must not
 * outlive them.
 */
export const ICE_RENEW_MS = 10 * 60_000

/** How others may reach this browser. */
export interface PrivacyView {
  /**
   * Linked directly with those who chose so, too: each then sees the other's IP address. Otherwise relayed. Never true
   * while `forced`.
   */
  direct: boolean
  /** Why there is no choice: linked broadcasters are relayed everywhere. */
  forced: 'broadcaster' | null
}

/** The viewer's Twitch account, as far as this account of ours knows one. */
export type TwitchView =
  /** This Worker links nobody. */
  | { state: 'unavailable' }
  /** `problem`: how the last try ended, if it came to nothing. */
  | { state: 'not-linked'; problem: ControlErrorCode | null }
  /** Twitch's page is open and waits for an answer. */
  | { state: 'waiting' }
  /** `shown`: everybody in a room sees the login, and in channels of theirs the role. */
  | { state: 'linked'; login: string; shown: boolean }
  /** Twitch vouches for it no more: the consent was withdrawn there. */
  | { state: 'gone'; login: string; problem: ControlErrorCode | null }

/** Somebody called the viewer in a room that was not in sight. */
export interface CallNote {
  /** The tab to be shown when it is clicked. */
  tab: number
  /** Who calls where, in the viewer's language. */
  title: string
  /** What was said, if the viewer wants it shown. */
  text?: string
}

/** The Worker's word for what this account is in a room, and when (ms) to ask for a fresher one. */
export interface RolePass {
  role: Role | null
  grant: string | null
  askAgainAt: number
}

/**
 * The background's duties, as extension pages and the room host call them.
 * Every call may reject with a `ControlError`.
 */
export interface ControlPlane {
  /** Resolves when the room host runs and takes connections. */
  ensureHost(): Promise<void>
  identity(): Promise<IdentityView>
  /** Mails a code and remembers the pending sign-in. */
  requestCode(email: string): Promise<IdentityView>
  submitCode(code: string): Promise<IdentityView>
  /** Forgets a pending sign-in. */
  cancelSignIn(): Promise<IdentityView>
  /** Ends this device on the Worker where it can be reached, and forgets its keys here in any case. */
  signOut(): Promise<IdentityView>
  /** `null` while signed out. `renewKeys` after a passport showed an unknown key id (at most once in 5 min). */
  credentials(renewKeys: boolean): Promise<Credentials | null>
  /**
   * The Worker has changed what this account's passports say, or may have: gets a new one, which running rooms announce, as
   * soon as the Worker can be reached. Does not reject for its absence.
   */
  renewPassport(): Promise<void>
  socketPass(room: RoomId): Promise<SocketPass>
  /** Credentials for relays that hold for more than `ICE_RENEW_MS`, if the Worker has any. */
  icePass(): Promise<IcePass>
  /** This account's history on this browser, as JSON text. Rejects with `signed_out` where there is no account. */
  exportHistory(): Promise<string>
  /** Everything that the Worker knows of this account, as JSON text. */
  exportAccount(): Promise<string>
  /** Ends the account for good, on the Worker and here, and deletes all history on this browser. */
  deleteAccount(): Promise<IdentityView>
  /** Where this account is signed in, this browser first. */
  devices(): Promise<DeviceView[]>
  /** Signs a device of this account out. */
  endDevice(device: DeviceId): Promise<void>
  /** Deletes the history of every room and account on this browser. */
  clearHistory(): Promise<void>
  /** Whether this account could take a display name now; a question that is on its way is called off. */
  nameAvailability(name: string): Promise<NameAvailability>
  /** Some free display names; with `like`, some that resemble it. */
  suggestNames(like?: string): Promise<string[]>
  /** Takes a display name; rooms are told. Rejects with `name_taken`, `name_not_allowed` or `renames_exhausted`, too. */
  rename(name: string): Promise<IdentityView>
  /** The hash of the profile picture there is now, as the Worker says. */
  picture(): Promise<string | null>
  /** Uploads a picture, a WebP in base64, in place of the one before. Resolves with its hash; rooms are told. */
  setPicture(webp: string): Promise<string | null>
  removePicture(): Promise<string | null>
  /** The linked Twitch account, as the Worker says now, or as it was when it could last be asked. */
  twitchLink(): Promise<TwitchView>
  /** Opens the page on which a Twitch account is linked: Firefox lets no page within another site's do so. */
  openTwitchPage(): Promise<void>
  /** Opens Twitch's page and resolves at once; `TWITCH_CHANGED` is announced when it is over. */
  linkTwitch(): Promise<TwitchView>
  /** Ends the link, here and at Twitch. */
  unlinkTwitch(): Promise<TwitchView>
  /** Whether others see the login. Rooms are told. */
  showTwitch(shown: boolean): Promise<TwitchView>
  /** What this account is in a room. Asks nobody while no Twitch account is linked. */
  role(room: RoomId): Promise<RolePass>
  /** What the viewer chose; relayed until they do. Follows the passport: ask after `credentials`. */
  privacy(): Promise<PrivacyView>
  /** Shows on the icon how many calls were not seen, and a notification of one, if the browser permits it. */
  showCalls(count: number, note: CallNote | null): Promise<void>
  /** Keeps the viewer's choice, for whoever is signed in on this browser. */
  setDirect(direct: boolean): Promise<void>
  /** Whether the viewer agreed that providers of emotes are asked. */
  emotesAllowed(): Promise<boolean>
}

/** Why a call of the control plane failed: the Worker's code, or that it could not be asked. */
export type ControlErrorCode = ErrorCode | 'worker_unreachable' | 'signed_out'

export class ControlError extends Error {
  override readonly name = 'ControlError'
  readonly code: ControlErrorCode
  /** Seconds after which it may work, where known. */
  readonly retryAfter: number | undefined

  constructor(code: ControlErrorCode, retryAfter?: number) {
    super(code)
    this.code = code
    this.retryAfter = retryAfter
  }
}

export type ControlReply =
  | { ok: true; value: unknown }
  | { ok: false; code: ControlErrorCode; retryAfter?: number }

/** Sent to every extension page when the identity changed. */
export const IDENTITY_CHANGED = { to: 'pages', event: 'identity-changed' } as const

/** Sent to every extension page when the history of all rooms was deleted. */
export const HISTORY_CLEARED = { to: 'pages', event: 'history-cleared' } as const

/** Sent to every extension page when others may reach this browser in another way than before. */
export const PRIVACY_CHANGED = { to: 'pages', event: 'privacy-changed' } as const

/** Sent to every extension page when a try to link a Twitch account is over, or the link has changed. */
export const TWITCH_CHANGED = { to: 'pages', event: 'twitch-changed' } as const

export type Announcement =
  | typeof EMOTES_CHANGED
  | typeof IDENTITY_CHANGED
  | typeof HISTORY_CLEARED
  | typeof PRIVACY_CHANGED
  | typeof TWITCH_CHANGED
