import { isIPv4 } from 'node:net'
import type { Address } from './forwarder.ts'

/** A packet as it was on the wire. */
export interface Packet {
  protocol: 'udp' | 'tcp' | 'other'
  from: Address
  /** Port 0 where the protocol knows none. */
  to: Address
  payload: Buffer
}

const PCAP = 0xa1b2c3d4
const ETHERNET = 1
const IPV4 = 0x0800
const IPV6 = 0x86dd

/**
 * The IP packets in what `tcpdump -w` wrote on an Ethernet interface (little-endian pcap 2.4); a last one that was cut off is left out.
 *
 * @throws for any other file.
 */
export function packetsIn(pcap: Buffer): Packet[] {
  if (pcap.readUInt32LE(0) !== PCAP || pcap.readUInt32LE(20) !== ETHERNET)
    throw new Error('no pcap file of an Ethernet interface')
  const packets: Packet[] = []
  for (let at = 24; at + 16 <= pcap.length; ) {
    const end = at + 16 + pcap.readUInt32LE(at + 8)
    if (end > pcap.length) break
    const packet = packetIn(pcap.subarray(at + 16, end))
    if (packet) packets.push(packet)
    at = end
  }
  return packets
}

function packetIn(frame: Buffer): Packet | undefined {
  const kind = frame.readUInt16BE(12)
  const packet = frame.subarray(14)
  if (kind === IPV6) {
    const host = (start: number) => packet.toString('hex', start, start + 16).replace(/(.{4})(?=.)/g, '$1:')
    const [from, to] = [host(8), host(24)].map((host) => ({ host, port: 0 })) as [Address, Address]
    return { protocol: 'other', from, to, payload: packet.subarray(40) }
  }
  if (kind !== IPV4) return undefined
  const header = (packet.readUInt8(0) & 15) * 4
  const body = packet.subarray(header, packet.readUInt16BE(2))
  const protocol = ({ 6: 'tcp', 17: 'udp' } as const)[packet.readUInt8(9)] ?? 'other'
  const hasPorts = protocol !== 'other'
  const payloadAt = protocol === 'udp' ? 8 : protocol === 'tcp' ? (body.readUInt8(12) >> 4) * 4 : 0
  return {
    protocol,
    from: { host: dotted(packet, 12), port: hasPorts ? body.readUInt16BE(0) : 0 },
    to: { host: dotted(packet, 16), port: hasPorts ? body.readUInt16BE(2) : 0 },
    payload: body.subarray(payloadAt),
  }
}

const dotted = (bytes: Buffer, at: number) => [...bytes.subarray(at, at + 4)].join('.')

/** The four bytes of an IPv4 address as they are on the wire. @throws for anything else. */
export function addressBytes(host: string): Buffer {
  if (!isIPv4(host)) throw new Error(`${host} is no IPv4 address`)
  return Buffer.from(host.split('.').map(Number))
}
