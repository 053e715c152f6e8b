import type { Address } from './forwarder.ts'

const COOKIE = 0x2112a442
/** An address in a STUN message, with the attribute's number. */
export interface StunAddress extends Address {
  attribute: number
}

/** Attributes that hold an address (RFC 8489 §14, RFC 8656 §18, RFC 5780 §7), and whether it is XORed with the cookie. */
const HOLDS_ADDRESS = new Map([
  [0x0001, false], // MAPPED-ADDRESS
  [0x0012, true], // XOR-PEER-ADDRESS
  [0x0016, true], // XOR-RELAYED-ADDRESS
  [0x0020, true], // XOR-MAPPED-ADDRESS
  [0x8023, false], // ALTERNATE-SERVER
  [0x802b, false], // RESPONSE-ORIGIN
  [0x802c, false], // OTHER-ADDRESS
])
/** What is relayed stands in here. */
const DATA = 0x0013

/** Every IPv4 address that a datagram tells, also in what TURN relays in it: as ChannelData, or in an indication. */
export function stunAddresses(datagram: Buffer): StunAddress[] {
  if (datagram.length < 4) return []
  const [first = 0] = datagram
  // ChannelData: 0x4000 to 0x4fff, a length, and then what is relayed.
  if (first >> 4 === 4) return stunAddresses(datagram.subarray(4, 4 + datagram.readUInt16BE(2)))
  if (first >> 6 !== 0 || datagram.length < 20 || datagram.readUInt32BE(4) !== COOKIE) return []
  const found: StunAddress[] = []
  const end = Math.min(datagram.length, 20 + datagram.readUInt16BE(2))
  for (let at = 20; at + 4 <= end; ) {
    const attribute = datagram.readUInt16BE(at)
    const length = datagram.readUInt16BE(at + 2)
    const value = datagram.subarray(at + 4, at + 4 + length)
    if (attribute === DATA) found.push(...stunAddresses(value))
    else found.push(...addressIn(attribute, value))
    at += 4 + length + ((4 - (length % 4)) % 4)
  }
  return found
}

function addressIn(attribute: number, value: Buffer): StunAddress[] {
  const isMasked = HOLDS_ADDRESS.get(attribute)
  const IPV4 = 1
  if (isMasked === undefined || value.length !== 8 || value.readUInt8(1) !== IPV4) return []
  const mask = isMasked ? COOKIE : 0
  const port = value.readUInt16BE(2) ^ (mask >>> 16)
  const host = [24, 16, 8, 0].map((bits) => ((value.readUInt32BE(4) ^ mask) >>> bits) & 255).join('.')
  return [{ attribute, host, port }]
}
