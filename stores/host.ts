import type { HostFunctions, RoomDelta, RoomSnapshot } from '../protocol/host-port'

/** Whether the panel's port to the room host stands. */
export type HostState = 'connecting' | 'open'

/** What the room host tells a panel. A snapshot follows every (re)connect and every `refresh`. */
export interface HostEvents {
  onSnapshot(snapshot: RoomSnapshot): void
  onDelta(delta: RoomDelta): void
  onState(state: HostState): void
  /** The viewer wants to write, by one of the extension's shortcuts. */
  onFocusComposer?(): void
}

/**
 * The way to the room host, as an entrypoint hands it in. It reconnects by itself until closed; a call whose port is
 * lost before the answer came rejects, after `onState('connecting')`.
 */
export interface HostConnection extends Omit<HostFunctions, 'snapshot' | 'emotes'> {
  refresh(): Promise<void>
  close(): void
}

export type ConnectToHost = (events: HostEvents) => HostConnection
