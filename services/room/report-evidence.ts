import { MAX_REPORT_PASSPORTS } from '../../protocol/limits'
import type { LoggedMessage } from '../log/logged-message'

/**
 * At most `count` of the messages `said` by who is reported, in their order: first the one that is reported, if it is still
 * known, then the newest. Of no more than `MAX_REPORT_PASSPORTS` passports, the reported message's among them.
 */
export function evidenceOf(
  said: readonly LoggedMessage[],
  reported: string | undefined,
  count: number,
): LoggedMessage[] {
  const wanted = said.filter(({ id }) => id === reported)
  const newest = said.filter(({ id }) => id !== reported).reverse()
  const chosen = [...wanted, ...newest].slice(0, count)
  const passports = [...new Set(chosen.map(({ passport }) => passport))].slice(0, MAX_REPORT_PASSPORTS)
  return chosen
    .filter(({ passport }) => passports.includes(passport))
    .sort((a, b) => said.indexOf(a) - said.indexOf(b))
}
