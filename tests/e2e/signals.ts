import { decodeFromMember, decodeToMember } from '../../protocol/room-socket'
import { decodeEnvelope } from '../../protocol/signal'
import { addressBytes } from '../../scripts/stage/packets.ts'
import type { Passed } from '../../scripts/stage/socket-tap.ts'
import { holds } from '../../scripts/stage/storage.ts'

/** What a room's socket carried: how many signals of each end, sealed and not. @throws for a message that is none. */
export function readPassed(passed: readonly Passed[]) {
  const messages = passed.map(({ by, data }) => ({
    by,
    data,
    message: by === 'browser' ? decodeFromMember(data) : decodeToMember(data),
  }))
  const envelopes = messages.flatMap(({ by, message }) =>
    message.t === 'signal' ? [{ by, isSealed: 'box' in decodeEnvelope(message.data) }] : [],
  )
  const hubFrames = messages.flatMap(({ message }) =>
    message.t === 'hub' ? [Buffer.from(message.data)] : [],
  )
  return { envelopes, hubFrames }
}

/** What is wrong with a description of which nobody may learn an address but the relay's. */
export function sdpLeaks(sdp: string, relay: string): string[] {
  return sdp.split('\r\n').flatMap((line) => {
    const address = /^[oc]=.*IN IP[46] (\S+)$/.exec(line)?.[1]
    if (address !== undefined) return address === '0.0.0.0' ? [] : [line]
    if (!line.startsWith('a=candidate:')) return /\d+\.\d+\.\d+\.\d+|\.local|raddr/.test(line) ? [line] : []
    const [, , , , host, , , type, ...rest] = line.split(' ')
    const related = rest[rest.indexOf('raddr') + 1]
    const isClean = type === 'relay' && host === relay && (!rest.includes('raddr') || related === '0.0.0.0')
    return isClean ? [] : [line]
  })
}

/** The types of candidates in descriptions, each once. */
export function candidateTypes(sdps: readonly string[]): string[] {
  return [
    ...new Set(sdps.flatMap((sdp) => [...sdp.matchAll(/ typ (\S+)/g)].map(([, type = '']) => type))),
  ].sort()
}

/** Those of the addresses that stand in the bytes: as text however it is written down, or as they are on the wire. */
export function addressesIn(bytes: readonly Buffer[], addresses: readonly string[]): string[] {
  return addresses.filter((address) => {
    const raw = addressBytes(address)
    return holds(bytes, address) || bytes.some((all) => all.includes(raw))
  })
}
