import type { AccountId, DeviceId } from './device'
import type { Role } from './role'

/**
 * What somebody is to this viewer, on this browser alone. `muted`: what they say is not shown. `blocked`: nor are they,
 * and there is no link with a device of theirs.
 */
export type Standing = 'muted' | 'blocked'

/** A choice about somebody. Names change: `name` is what they were called when it was made. */
export interface PersonChoice {
  accountId: AccountId
  name: string
  standing: Standing
  /** When it was made. */
  ms: number
}

/** Somebody as their card shows them. */
export interface PersonView {
  accountId: AccountId
  name: string
  /** The hash of their picture, if they have one. */
  avatar?: string
  /** Their Twitch login, if they show it. */
  twitch?: string
  /** What they are in this channel, where they show that. */
  role?: Role
  me: boolean
  /** They may not speak now: by whom that was decided, and until when (a ban has no end). */
  bar?: { until: number | null; by: Role }
  presence: 'here' | 'away' | 'gone'
  /** The keys that they are here with, or said something with. */
  devices: DeviceId[]
}

/** Where pages without a room find whom the viewer has muted or blocked. Every call may reject. */
export interface ChoiceSource {
  list(): Promise<PersonChoice[]>
  /** `null` undoes it. Resolves with whether it is kept for the next time. */
  choose(account: AccountId, name: string, standing: Standing | null): Promise<boolean>
  /** Returns how to stop. */
  onChanged(listener: () => void): () => void
}
