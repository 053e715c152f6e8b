import type { Emote } from '../../protocol/emotes'

/** What is known of one set. */
export interface KeptSet {
  emotes: readonly Emote[]
  /** The channel's number at Twitch, where this set told it. */
  channelId?: string
  /** By which the provider knows this state of it (RFC 9110, 8.8.3). */
  etag?: string
  /** When the provider last said that it is so (ms). */
  askedAt: number
}

/** Keeps sets over restarts. Losing one costs a request; where storage does not work, that is each time. */
export interface EmoteCache {
  load(key: string): Promise<KeptSet | undefined>
  save(key: string, kept: KeptSet): Promise<void>
  clear(): Promise<void>
}
