import type { AccountExport } from '../../protocol/api'
import type { AccountId, DeviceId } from '../../protocol/device'
import type { AccountEnd } from './account-end'
import type { AccountParts } from './account-parts'
import type { AccountRooms } from './account-rooms'
import type { AccountRow } from './account-row'
import type { DeviceList } from './device-list'
import type { NameClaims } from './name-claims'

interface Sources {
  row: AccountRow
  claims: NameClaims
  devices: DeviceList
  rooms: AccountRooms
  end: AccountEnd
  parts: AccountParts
}

const iso = (ms: number) => new Date(ms).toISOString()

/** All that an account's object holds, as its owner is given it, on the device `asker` or by the operator. Rejects while a part's storage is away. */
export async function exportOf(
  account: AccountId,
  asker: DeviceId | undefined,
  { row, claims, devices, rooms, end, parts }: Sources,
  now: number,
): Promise<AccountExport> {
  const exported: Record<string, unknown> = {}
  for (const [name, part] of Object.entries(parts)) exported[name] = await part.export()
  return {
    format: 'sidestream-account',
    version: 1,
    exportedAt: iso(now),
    accountId: account,
    createdAt: iso(row.createdAt()),
    displayName: claims.name() ?? null,
    passportVersion: row.version(),
    addresses: end.mailboxes(),
    devices: devices.views(asker),
    rooms: rooms.visits(now).map(({ room, device, until }) => ({ room, device, until: iso(until) })),
    parts: exported,
  }
}
