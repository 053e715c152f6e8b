/** Ranges that are nobody's on the open Internet (RFC 6890), as the first octets or as a prefix of bits. */
const PRIVATE_V4: readonly (readonly [address: number, bits: number])[] = [
  [0x00000000, 8],
  [0x0a000000, 8],
  [0x64400000, 10],
  [0x7f000000, 8],
  [0xa9fe0000, 16],
  [0xac100000, 12],
  [0xc0000000, 24],
  [0xc0000200, 24],
  [0xc0a80000, 16],
  [0xc6120000, 15],
  [0xc6336400, 24],
  [0xcb007100, 24],
  [0xe0000000, 3],
]

/** An IPv4 address in dots as a number; `undefined` for anything else. */
function parseV4(address: string): number | undefined {
  if (!/^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}$/.test(address)) return undefined
  const octets = address.split('.').map(Number)
  if (octets.some((octet) => octet > 255)) return undefined
  return octets.reduce((number, octet) => number * 256 + octet, 0)
}

/** Whether this is an IPv4 or IPv6 address written out, not a name. */
export function isAddress(address: string): boolean {
  if (parseV4(address) !== undefined) return true
  return /^[\da-f:.]+$/i.test(address) && address.includes(':') && URL.canParse(`http://[${address}]/`)
}

/** Whether an address is one of the open Internet. Unsure is no: only IPv6's 2000::/3 counts, and no tunnels into IPv4. */
export function isPublicAddress(address: string): boolean {
  const v4 = parseV4(address)
  if (v4 !== undefined)
    return !PRIVATE_V4.some(([range, bits]) => Math.floor(v4 / 2 ** (32 - bits)) === range / 2 ** (32 - bits))
  if (!isAddress(address)) return false
  const first = Number.parseInt(new URL(`http://[${address}]/`).hostname.slice(1), 16)
  const second = /^\[2001:(0:|:)/.test(new URL(`http://[${address}]/`).hostname)
  return first >= 0x2000 && first <= 0x3fff && first !== 0x2002 && !second
}
