import { toBase64Url } from '../../../protocol/bytes'
import { type AccountId, accountIdSchema, type DeviceId, deviceIdOf } from '../../../protocol/device'
import type { MessageId } from '../../../protocol/message'
import type { Role } from '../../../protocol/role'
import { channelRoom } from '../../../protocol/room-id'
import type { Act, HeldRuling, Ruling } from '../../../protocol/ruling'

const part = (value: unknown) => toBase64Url(new TextEncoder().encode(JSON.stringify(value)))
const jwt = (claims: unknown) => `${part({ alg: 'none' })}.${part(claims)}.`

export const accountOf = (n: number): AccountId =>
  accountIdSchema.parse(toBase64Url(new Uint8Array(16).fill(n)))
export const deviceOf = (n: number): DeviceId => deviceIdOf(new Uint8Array(32).fill(n))

export const idOf = (n: number, seq: number) =>
  toBase64Url(Uint8Array.from({ length: 32 }, (_, at) => (at === 0 ? n : seq))) as MessageId

/** What the account number `by` decided at `ms`, as it is held once it was checked. `until`: of its grant (s). */
export function decided(
  act: Act,
  { ms, by = 0, role = 'moderator', until = 1_000, id }: By & { ms: number },
): HeldRuling {
  const ruling = {
    v: 1,
    room: channelRoom('a'),
    device: deviceOf(by),
    ms,
    passport: jwt({ sub: accountOf(by), name: `Name${by}` }),
    role: jwt({ role, exp: until }),
    ...act,
  } as Ruling
  return {
    id: (id ?? `${ms} ${by} ${JSON.stringify(act)}`) as MessageId,
    ruling,
    signed: { bytes: new Uint8Array(), sig: new Uint8Array(64) },
  }
}

interface By {
  by?: number
  role?: Role
  until?: number
  id?: string
}
