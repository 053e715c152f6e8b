import type { Broadcast } from '../engine/broadcasts'
import type { Crowd } from '../engine/crowd'

/** One figure of a case and what is asked of it. */
export interface Bar {
  readonly what: string
  readonly least?: number
  readonly most?: number
  readonly unit?: 's' | 'B/s'
  readonly digits?: number
  /** Which of the seeds' figures counts; the median unless told. */
  readonly counts?: 'median' | 'worst'
}

export interface Setting {
  readonly seed: number
  readonly nodes: number
}

/** What a case measured: one figure for each bar; and what there is to draw. */
export interface Outcome<Name extends string = string> {
  readonly figures: Readonly<Record<Name, number>>
  readonly drawn?: { readonly crowd: Crowd; readonly said: readonly Broadcast[] }
}

export interface Case {
  readonly name: string
  /** In words. */
  readonly title: string
  readonly nodes: number
  readonly bars: Readonly<Record<string, Bar>>
  measure(setting: Setting): Outcome
}

/** A case whose figures are those that its bars name. */
export const defineCase = <Name extends string>(
  given: Omit<Case, 'bars' | 'measure'> & {
    readonly bars: Readonly<Record<Name, Bar>>
    measure(setting: Setting): Outcome<Name>
  },
): Case => given

/** Nothing may be missing, in no run. */
export const NONE_MISSED: Bar = { what: 'missed', most: 0, counts: 'worst' }

const MINUTE = 60_000

/** A room of `nodes` members who came within `overMs`, some time later. */
export function settle(crowd: Crowd, nodes: number, overMs = MINUTE, restMs = MINUTE): void {
  crowd.beginPresence()
  crowd.gather(nodes, overMs)
  crowd.world.pass(restMs)
}
