import type { JSONWebKeySet } from 'jose'
import type { IceServers } from './api'
import type { AccountId, DeviceId } from './device'
import type { ErrorCode } from './error-codes'
import type { RoomId } from './room-id'

/** Who this browser is, as the popup and the panel show it. */
export type IdentityView =
  | { state: 'signed-out' }
  /** A code was mailed; the viewer may close everything while fetching it. `expiresAt` in ms. */
  | { state: 'code-sent'; email: string; expiresAt: number }
  | { state: 'signed-in'; accountId: AccountId; displayName: string }

/** What the room host needs in order to speak for this browser. Keys never travel: both contexts read them from the database. */
export interface Credentials {
  device: DeviceId
  accountId: AccountId
  displayName: string
  passport: string
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
  socketPass(room: RoomId): Promise<SocketPass>
  /** Credentials for relays that hold for more than `ICE_RENEW_MS`, if the Worker has any. */
  icePass(): Promise<IcePass>
  /** This account's history on this browser, as JSON text. Rejects with `signed_out` where there is no account. */
  exportHistory(): Promise<string>
  /** Deletes the history of every room and account on this browser. */
  clearHistory(): Promise<void>
  /** What the viewer chose; relayed until they do. Follows the passport: ask after `credentials`. */
  privacy(): Promise<PrivacyView>
  /** Keeps the viewer's choice, for whoever is signed in on this browser. */
  setDirect(direct: boolean): Promise<void>
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

export type Announcement = typeof IDENTITY_CHANGED | typeof HISTORY_CLEARED | typeof PRIVACY_CHANGED
