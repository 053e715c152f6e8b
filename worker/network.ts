import { fromBase64Url } from '../protocol/bytes'
import type { RoomId } from '../protocol/room-id'
import { type NetworkBucket, networkBucketOf } from '../protocol/room-socket'
import { keyedHash } from './auth/keyed-hash'

const BUCKET_BYTES = 8

/**
 * A pseudonym of the network a request came from: the /24 or /48 of `CF-Connecting-IP`, hashed with the
 * `scope` it is used in, so that those of two scopes cannot be matched. Without that header (locally) everybody is of
 * one network.
 */
export async function networkPseudonym(pepper: string, request: Request, scope: string): Promise<string> {
  return (await keyedHash(pepper, 'network', scope, networkOf(request))).slice(0, 16)
}

/**
 * The pseudonym of that network that members of `room` are told. A purpose of its own, so that it is no beginning of
 * one that the Worker keeps to itself.
 */
export async function networkBucket(pepper: string, request: Request, room: RoomId): Promise<NetworkBucket> {
  const mac = fromBase64Url(await keyedHash(pepper, 'bucket', room, networkOf(request)))
  return networkBucketOf(mac.subarray(0, BUCKET_BYTES))
}

const networkOf = (request: Request) => networkPrefix(request.headers.get('CF-Connecting-IP') ?? '')

/** `203.0.113.9` → `203.0.113`, `2001:db8:1:2::9` → `2001:db8:1`; anything else → `local`. */
export function networkPrefix(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(mapped)) return mapped.split('.').slice(0, 3).join('.')
  if (!/^[\da-f:]+$/i.test(mapped) || !mapped.includes(':')) return 'local'
  return expandGroups(mapped).slice(0, 3).join(':')
}

/** The eight groups of an IPv6 address without leading zeros (RFC 4291 §2.2). */
function expandGroups(address: string): string[] {
  const [head = '', tail] = address.toLowerCase().split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length)
  return [...left, ...Array<string>(zeros).fill('0'), ...right].map((group) => group.replace(/^0+(?=.)/, ''))
}
