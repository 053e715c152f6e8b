import type { TwitchLink } from '../../protocol/api'
import type { ControlErrorCode } from '../../protocol/control'
import { PASSPORT_LIFETIME_MS } from '../../protocol/limits'
import type { Random } from '../clock'

/** A passport is renewed when about half of its life is over: not everybody's at once. */
const RENEW_AFTER = { least: 0.4, most: 0.6 } as const

/** This browser's passport as it is kept. Times are ms on the Worker's clock. */
export interface KeptPassport {
  jwt: string
  expiresAt: number
  /** When it is to be renewed; 0 once it is known to be outdated. Passports of earlier versions are kept without. */
  renewAt?: number
  /** What came with it for this device alone. */
  twitch?: TwitchLink
}

/** A passport that has just been given out. */
export function freshPassport(jwt: string, expiresAt: number, random: Random): KeptPassport {
  const share = RENEW_AFTER.least + random() * (RENEW_AFTER.most - RENEW_AFTER.least)
  return { jwt, expiresAt, renewAt: expiresAt - PASSPORT_LIFETIME_MS * (1 - share) }
}

/** When a passport is to be renewed. */
export const renewalOf = ({ expiresAt, renewAt = expiresAt - PASSPORT_LIFETIME_MS / 2 }: KeptPassport) =>
  renewAt

/** Refusals under which an older passport is worth nothing any more. */
export const FINAL_REFUSALS: ReadonlySet<ControlErrorCode> = new Set(['signed_out', 'account_suspended'])
