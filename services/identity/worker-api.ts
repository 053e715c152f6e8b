import type { JSONWebKeySet } from 'jose'
import type { Account, TokenResponse } from '../../protocol/api'
import type { IcePass } from '../../protocol/control'
import type { DeviceId } from '../../protocol/device'
import type { RoomId } from '../../protocol/room-id'

export interface Verification {
  email: string
  code: string
  device: DeviceId
  seal: string
  assertion: string
}

/** The Worker's routes, as this service uses them. Every call rejects with a `ControlError` when it fails. */
export interface WorkerApi {
  /** The origin that assertions name as audience. */
  readonly origin: string
  requestCode(email: string, device: DeviceId): Promise<{ expiresAt: number }>
  verify(verification: Verification): Promise<Account>
  token(assertion: string): Promise<TokenResponse>
  keys(): Promise<JSONWebKeySet>
  passport(): Promise<{ passport: string; expiresAt: number }>
  ticket(room: RoomId): Promise<{ ticket: string }>
  icePass(): Promise<IcePass>
  endDevice(): Promise<void>
}
