/**
 * Emotes of the providers that Twitch viewers know. Where two name the same code in one channel or everywhere, the
 * first counts, as in other chat clients.
 */
export const EMOTE_PROVIDERS = ['ffz', 'bttv', '7tv'] as const
export type EmoteProvider = (typeof EMOTE_PROVIDERS)[number]

/** Where their sets are asked for. One consent covers all three: a channel's number, which two of them want, is known to FrankerFaceZ. */
export const EMOTE_APIS: Readonly<Record<EmoteProvider, string>> = {
  ffz: 'https://api.frankerfacez.com',
  bttv: 'https://api.betterttv.net',
  '7tv': 'https://7tv.io',
}

/** Where their images are. */
export const EMOTE_IMAGES: Readonly<Record<EmoteProvider, string>> = {
  ffz: 'https://cdn.frankerfacez.com',
  bttv: 'https://cdn.betterttv.net',
  '7tv': 'https://cdn.7tv.app',
}

/** Sent to the room host and to every page when the viewer allowed emotes, or forbade them again. */
export const EMOTES_CHANGED = { to: 'pages', event: 'emotes-changed' } as const

export interface Emote {
  /** The word that stands for it: no white space in it. */
  code: string
  /** The provider's: letters and digits alone, as it stands in an address. */
  id: string
  /** In px at its usual size, where the provider tells. */
  width?: number
  height?: number
  animated?: true
  /** Zero-width: laid over the emote before it. */
  overlay?: true
  /** There is no image of twice the size. */
  single?: true
}

export interface EmoteSet {
  provider: EmoteProvider
  scope: 'channel' | 'global'
  emotes: readonly Emote[]
}

/** What a panel shows in its channel. */
export interface EmotesView {
  /** The viewer allowed it: without that there are no sets, and nobody is asked for any. */
  allowed: boolean
  /** Of the channel first, then the global ones; each in the order of `EMOTE_PROVIDERS`. Empty ones are left out. */
  sets: readonly EmoteSet[]
  /** Those that do not answer just now. */
  unreachable: readonly EmoteProvider[]
  /** Ask again after this (ms), while somebody looks: something may be newer, or answer, then. */
  askAgainMs?: number
}

export const NO_EMOTES: EmotesView = { allowed: false, sets: [], unreachable: [] }
