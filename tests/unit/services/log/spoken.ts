import { createHash } from 'node:crypto'
import { toBase64Url } from '../../../../protocol/bytes'
import { type AccountId, accountIdSchema, type DeviceId, deviceIdOf } from '../../../../protocol/device'
import { encodeMessage, type HybridTime, type MessageId } from '../../../../protocol/message'
import type { Proof } from '../../../../protocol/proof'
import { channelRoom } from '../../../../protocol/room-id'
import type { LoggedMessage } from '../../../../services/log/logged-message'

export const ROOM = channelRoom('somechannel')
/** When everything begins. */
export const START = 1_800_000_000_000

const sha256 = (text: string) => createHash('sha256').update(text).digest()

/** Nobody's key, but shaped like one. */
export const deviceOf = (name: string | number): DeviceId => deviceIdOf(sha256(`device ${name}`))
export const accountOf = (device: DeviceId): AccountId =>
  accountIdSchema.parse(toBase64Url(sha256(device).subarray(0, 16)))

/** As long as a real passport; whose it is shows. */
export const passportOf = (device: DeviceId): string => device.padEnd(640, '.')

/** A message as checked, with real bytes and id; only the signature is none. */
export function said(
  device: DeviceId,
  seq: number,
  time: HybridTime | number,
  body = `line ${seq}`,
): LoggedMessage {
  const stamp = typeof time === 'number' ? { ms: time, count: 0 } : time
  const unsigned = { v: 1, room: ROOM, device, seq, time: stamp, kind: 'say', body } as const
  const bytes = encodeMessage(unsigned)
  return {
    ...unsigned,
    id: toBase64Url(createHash('sha256').update(bytes).digest()) as MessageId,
    account: accountOf(device),
    name: 'SomeoneSomewhere1',
    signed: { bytes, sig: new Uint8Array(64) },
    passport: passportOf(device),
  }
}

/** A proof as far as a log looks into it. */
export const proofOf = (device: DeviceId): Proof => {
  const { signed } = said(device, 0, START)
  return { first: signed, second: signed, passport: passportOf(device) }
}

/** A deterministic shuffle. */
export function shuffled<T>(items: readonly T[], seed: number): T[] {
  const keyed = items.map((item, index) => ({ item, key: sha256(`${seed} ${index}`).readUInt32BE() }))
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item)
}
