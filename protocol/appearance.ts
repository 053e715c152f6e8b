import type { SettingsSource } from './kept-settings'
import { fieldsOf, oneOf } from './stored-fields'

/** What fits where nothing was chosen: `auto` follows Twitch beside it, else the system; the clock follows the language. */
export const THEMES = ['auto', 'dark', 'light'] as const
export const TEXT_SIZES = ['small', 'normal', 'large', 'larger', 'double'] as const
export const CLOCKS = ['auto', 'h12', 'h23'] as const
/** What makes a list of messages rest that runs fast: a pointer on it or the Alt key, or the key alone. */
export const HOLDS = ['hover', 'key'] as const
/** Of emotes: `auto` moves them unless the system asks for less motion. */
export const MOTIONS = ['auto', 'still'] as const
/** `compact`: no pictures, and less room between lines. */
export const DENSITIES = ['cosy', 'compact'] as const
export const TIMES = ['shown', 'hidden'] as const
/** Who comes and goes, as quiet lines among the messages. `auto`: while few are here. */
export const COMINGS = ['auto', 'shown', 'hidden'] as const
/** The languages that there are texts in; `auto`: the browser's. */
export const LANGUAGES = ['auto', 'en', 'de', 'es', 'ja', 'ar'] as const

/** How Sidestream looks. No secret: kept as it is, and kept when the viewer signs out. */
export interface Appearance {
  theme: (typeof THEMES)[number]
  textSize: (typeof TEXT_SIZES)[number]
  clock: (typeof CLOCKS)[number]
  hold: (typeof HOLDS)[number]
  motion: (typeof MOTIONS)[number]
  density: (typeof DENSITIES)[number]
  times: (typeof TIMES)[number]
  comings: (typeof COMINGS)[number]
  language: (typeof LANGUAGES)[number]
}

/** What was stored, by whatever version: each part that we do not know is as if it had never been chosen. */
export function appearanceFrom(stored: unknown): Appearance {
  const found = fieldsOf(stored)
  return {
    theme: oneOf(THEMES, found.theme),
    textSize: oneOf(TEXT_SIZES, found.textSize, 'normal'),
    clock: oneOf(CLOCKS, found.clock),
    hold: oneOf(HOLDS, found.hold),
    motion: oneOf(MOTIONS, found.motion),
    density: oneOf(DENSITIES, found.density),
    times: oneOf(TIMES, found.times),
    comings: oneOf(COMINGS, found.comings),
    language: oneOf(LANGUAGES, found.language),
  }
}

export const DEFAULT_APPEARANCE: Readonly<Appearance> = appearanceFrom(undefined)

export type AppearanceSource = SettingsSource<Appearance>
