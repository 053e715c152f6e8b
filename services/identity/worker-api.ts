import type { JSONWebKeySet } from 'jose'
import type {
  Account,
  DevicePlatform,
  DeviceView,
  NameAvailability,
  RoleResponse,
  TokenResponse,
  TwitchLink,
  TwitchResponse,
} from '../../protocol/api'
import type { IcePass } from '../../protocol/control'
import type { DeviceId } from '../../protocol/device'
import type { RoomId } from '../../protocol/room-id'

export interface Verification {
  email: string
  code: string
  device: DeviceId
  seal: string
  assertion: string
  /** How the address will know this browser again. */
  returning?: string
  platform?: DevicePlatform
}

/** The Worker's routes, as this service uses them. Every call rejects with a `ControlError` when it fails. */
export interface WorkerApi {
  /** The origin that assertions name as audience. */
  readonly origin: string
  requestCode(email: string, device: DeviceId, returning: string): Promise<{ expiresAt: number }>
  verify(verification: Verification): Promise<Account>
  token(assertion: string): Promise<TokenResponse>
  keys(): Promise<JSONWebKeySet>
  /** `twitch`: what this device alone is told of the linked Twitch account. */
  passport(): Promise<{ passport: string; expiresAt: number; twitch?: TwitchLink | null }>
  ticket(room: RoomId): Promise<{ ticket: string }>
  icePass(): Promise<IcePass>
  /** `signal` calls the question off. */
  nameAvailability(name: string, signal: AbortSignal): Promise<NameAvailability>
  suggestNames(like?: string): Promise<string[]>
  /** Resolves with the name that the account has then. */
  rename(displayName: string): Promise<string>
  endDevice(): Promise<void>
  /** Where the account is signed in, this device first. */
  devices(): Promise<DeviceView[]>
  /** Signs another device of the account out. */
  endDeviceOf(device: DeviceId): Promise<void>
  /** The hash of the account's picture; so do the next two answer. */
  picture(): Promise<string | null>
  setPicture(webp: Uint8Array<ArrayBuffer>): Promise<string | null>
  removePicture(): Promise<string | null>
  /** Everything that the Worker knows of the account, as JSON text. */
  exportAccount(): Promise<string>
  /** Ends the account for good. */
  deleteAccount(): Promise<void>
  twitch(): Promise<TwitchResponse>
  /** Begins to link a Twitch account, in a flow that ends at `redirect`. Resolves with where it begins. */
  beginTwitch(redirect: string): Promise<string>
  /** Trades what came with the redirect for the link. */
  linkTwitch(result: string): Promise<TwitchResponse>
  unlinkTwitch(): Promise<void>
  showTwitch(shown: boolean): Promise<TwitchResponse>
  /** What the account is in the room of a channel. */
  role(login: string): Promise<RoleResponse>
}
