/** What fits where nothing was chosen: `auto` follows Twitch beside it, else the system; the clock follows the language. */
export const THEMES = ['auto', 'dark', 'light'] as const
export const TEXT_SIZES = ['small', 'normal', 'large', 'larger'] as const
export const CLOCKS = ['auto', 'h12', 'h23'] as const

/** How Sidestream looks on this browser. No secret: kept as it is, and kept when the viewer signs out. */
export interface Appearance {
  theme: (typeof THEMES)[number]
  textSize: (typeof TEXT_SIZES)[number]
  clock: (typeof CLOCKS)[number]
}

export const DEFAULT_APPEARANCE: Readonly<Appearance> = { theme: 'auto', textSize: 'normal', clock: 'auto' }

/**
 * What was stored, by whatever version: each part that we do not know is as if it had never been chosen. Written out,
 * because a schema library would double what every page loads.
 */
export function appearanceFrom(stored: unknown): Appearance {
  const found = typeof stored === 'object' && stored !== null ? stored : {}
  return {
    theme: known(THEMES, 'theme' in found && found.theme) ?? DEFAULT_APPEARANCE.theme,
    textSize: known(TEXT_SIZES, 'textSize' in found && found.textSize) ?? DEFAULT_APPEARANCE.textSize,
    clock: known(CLOCKS, 'clock' in found && found.clock) ?? DEFAULT_APPEARANCE.clock,
  }
}

const known = <T>(choices: readonly T[], value: unknown): T | undefined =>
  choices.find((choice) => choice === value)

/** Where the settings are kept, as pages use it. */
export interface AppearanceSource {
  /** Rejects where storage does not work. */
  load(): Promise<Appearance>
  save(appearance: Appearance): Promise<void>
  /** Calls back with what any page has saved, this one included. Returns how to stop. */
  onChanged(listener: (appearance: Appearance) => void): () => void
}
