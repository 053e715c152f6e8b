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
  /** For the links that are introduced over it. */
  iceServers: IceServers
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
  /** This account's history on this browser, as JSON text. Rejects with `signed_out` where there is no account. */
  exportHistory(): Promise<string>
  /** Deletes the history of every room and account on this browser. */
  clearHistory(): Promise<void>
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
