/**
 * Reads what an earlier version, or anybody, has put into storage; each part by itself. Written out, because a schema
 * library would add 16 kB to what every page loads.
 */

/** The fields of an object; none of anything else. */
export const fieldsOf = (stored: unknown): Readonly<Record<string, unknown>> =>
  typeof stored === 'object' && stored !== null ? { ...stored } : {}

/** `value` if it is one of `choices`; else `fallback`, or the first. */
export const oneOf = <const Choices extends readonly [string, ...string[]]>(
  choices: Choices,
  value: unknown,
  fallback: Choices[number] = choices[0],
): Choices[number] => choices.find((choice) => choice === value) ?? fallback

export const booleanOr = (value: unknown, fallback: boolean): boolean =>
  typeof value === 'boolean' ? value : fallback
