import type { SettingsSource } from './kept-settings'
import { booleanOr, fieldsOf } from './stored-fields'

/** Words that the viewer wants to be shown. */
export const MAX_WORDS = 30
/** Of each, in UTF-16 units. */
export const MAX_WORD_LENGTH = 40
/** "Until I turn it off": a time (ms) that no clock reaches. */
export const FOREVER_MS = 8.64e15

/** Stand in the words of a notification's title for the name of who calls, and for the channel. */
export const CALLED_BY = '\n0\n'
export const CALLED_IN = '\n1\n'

/** What may call the viewer, on this browser alone: words are personal, and permissions are each browser's own. */
export interface Attention {
  /** A notification when somebody calls the viewer while the room is not in sight. The browser must permit it, too. */
  notify: boolean
  /** What was said shows in it, not only who said it where. */
  preview: boolean
  sound: boolean
  /** How many calls were not seen, on the extension's icon. */
  badge: boolean
  words: string[]
  /** Until then (ms) nothing disturbs; the icon still counts. */
  quietUntil: number
}

/** What was stored, by whatever version: each part that we do not know is as if it had never been chosen. */
export function attentionFrom(stored: unknown): Attention {
  const { notify, preview, sound, badge, words, quietUntil } = fieldsOf(stored)
  return {
    notify: booleanOr(notify, false),
    preview: booleanOr(preview, false),
    sound: booleanOr(sound, false),
    badge: booleanOr(badge, true),
    words: Array.isArray(words) && words.length <= MAX_WORDS && words.every(isWord) ? words : [],
    quietUntil: typeof quietUntil === 'number' && quietUntil >= 0 ? quietUntil : 0,
  }
}

const isWord = (value: unknown): value is string =>
  typeof value === 'string' && value.trim() !== '' && value.length <= MAX_WORD_LENGTH

export const DEFAULT_ATTENTION: Readonly<Attention> = attentionFrom(undefined)

export type AttentionSource = SettingsSource<Attention>

/** The browser's own permission for notifications. */
export interface NotificationPermission {
  isGranted(): Promise<boolean>
  /** Has the browser ask the viewer. Only in answer to a click, at once. Resolves with what they said. */
  request(): Promise<boolean>
}
