import { startCapture } from '../../scripts/stage/capture.ts'
import type { Address } from '../../scripts/stage/forwarder.ts'
import type { Network } from '../../scripts/stage/network.ts'
import type { Packet } from '../../scripts/stage/packets.ts'
import type { Passed } from '../../scripts/stage/socket-tap.ts'
import { holds } from '../../scripts/stage/storage.ts'
import { stunAddresses } from '../../scripts/stage/stun.ts'
import type { InnerSignal } from './listening.ts'
import { addressesIn, candidateTypes, readPassed, sdpLeaks } from './signals.ts'

/** What a viewer's browser told, and to whom. */
interface Testimony {
  /** Descriptions that the viewer gave, and those that came from others. */
  said: number
  heard: number
  /** The types of the candidates in them. */
  candidateTypes: string[]
  /** Lines of them that show more than the relay. */
  sdpLeaks: string[]
  /** Signals that passed between browser and Worker, sealed to another viewer and not. */
  sealed: number
  unsealed: number
  /** Viewers' addresses in what passed between browser and Worker, and the relay's in what passed the room; whichever way they were written. */
  told: string[]
  /** Addresses but the relay's that the viewer's STUN messages told, `host in attribute`. */
  stunLeaks: string[]
  /** Where the viewer's packets went besides page, Worker and relay, `protocol host:port`; look-ups by their name. */
  strangers: string[]
  /** Packets that went to the relay. */
  relayed: number
}

interface Watched {
  network: Network
  /** What the room's socket carries. */
  passed: readonly Passed[]
  relay: Address
  /** Viewers' addresses that nobody may learn. */
  secret: readonly string[]
}

interface Witness {
  /** What was seen until now on the line alone. */
  soFar(): Promise<Testimony>
  /** Watches no longer, and tells all that was seen. `inside`: what the viewer's browser sealed and opened. */
  end(inside: readonly InnerSignal[]): Promise<Testimony>
}

/** Watches a viewer's line from now on. */
export async function watch({ network, passed, relay, secret }: Watched): Promise<Witness> {
  const capture = await startCapture(network)
  const isRelay = ({ protocol, to }: Packet) =>
    protocol === 'udp' && to.host === relay.host && to.port === relay.port
  // The kernel's own word about multicast groups, which nobody joins here.
  const isHousekeeping = ({ protocol, to }: Packet) => protocol === 'other' && to.host === '224.0.0.22'
  // Page and Worker are forwarded from there.
  const isService = ({ protocol, to }: Packet) => protocol === 'tcp' && to.host === network.gateway
  const testimony = (captured: readonly Packet[], inside: readonly InnerSignal[]): Testimony => {
    const packets = captured.filter(({ from }) => from.host === network.address)
    const { envelopes } = readPassed(passed)
    const descriptions = inside.flatMap(({ by, signal }) =>
      signal.via === 'rtc' && signal.sdp ? [{ by, sdp: signal.sdp }] : [],
    )
    const sdps = descriptions.map(({ sdp }) => sdp)
    const requests = [Buffer.concat(packets.filter(isService).map(({ payload }) => payload))]
    const messages = passed.map(({ data }) => data)
    const stun = packets.flatMap(({ protocol, payload }) =>
      protocol === 'udp' ? stunAddresses(payload) : [],
    )
    return {
      said: descriptions.filter(({ by }) => by === 'browser').length,
      heard: descriptions.filter(({ by }) => by === 'worker').length,
      candidateTypes: candidateTypes(sdps),
      sdpLeaks: sdps.flatMap((sdp) => sdpLeaks(sdp, relay.host)),
      sealed: envelopes.filter(({ isSealed }) => isSealed).length,
      unsealed: envelopes.filter(({ isSealed }) => !isSealed).length,
      told: unique([
        ...addressesIn(messages, [...secret, relay.host]),
        ...secret.filter((address) => holds(requests, address)),
      ]),
      stunLeaks: unique(
        stun
          .filter(({ host }) => host !== relay.host)
          .map(({ host, attribute }) => `${host} in 0x${attribute.toString(16)}`),
      ),
      strangers: unique(
        packets
          .filter((packet) => !isRelay(packet) && !isService(packet) && !isHousekeeping(packet))
          .map(nameOf),
      ),
      relayed: packets.filter(isRelay).length,
    }
  }
  return {
    soFar: async () => testimony(await capture.packets(), []),
    end: async (inside) => testimony(await capture.stop(), inside),
  }
}

function nameOf({ protocol, to, payload }: Packet): string {
  const isQuestion = protocol === 'udp' && to.port === 53
  return isQuestion ? `look-up of ${questionIn(payload)}` : `${protocol} ${to.host}:${to.port}`
}

/** The name that a DNS query asks for (RFC 1035 §4.1.2). */
function questionIn(query: Buffer): string {
  const labels: string[] = []
  for (let at = 12; at < query.length && query[at]; at += 1 + (query[at] ?? 0))
    labels.push(query.toString('latin1', at + 1, at + 1 + (query[at] ?? 0)))
  return labels.join('.')
}

const unique = (all: readonly string[]) => [...new Set(all)].sort()
