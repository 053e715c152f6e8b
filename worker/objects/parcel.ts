import { concat, utf8 } from '../../protocol/bytes'
import { type DeviceId, deviceIdOf, deviceIdSchema } from '../../protocol/device'
import { MAX_HUB_BYTES, MAX_SIGNAL_BYTES } from '../../protocol/limits'
import {
  encodeFromMember,
  encodeToMember,
  type NetworkBucket,
  networkBucketOf,
} from '../../protocol/room-socket'

/**
 * A signal or a hub frame, to be passed on without being decoded. Canonical CBOR has one layout for each kind,
 *
 *     from a member   { t: kind, to: <id>, data: <bytes> }
 *     to a member     { t: kind, data: <bytes>, from: <id> }, of a signal { …, bucket: <id> } besides
 *
 * so it is found by comparing what is fixed, and passed on by copying what is not. Decoding, checking and encoding
 * again costs four times as much for a short frame, and fifteen times for the longest.
 */
export interface Parcel {
  readonly t: 'signal' | 'hub'
  readonly to: DeviceId
  /** Bytes of its content. */
  readonly size: number
  /** The content with its key and length, as both layouts have it. */
  readonly content: Uint8Array
}

const ID_LENGTH = 43
const BUCKET_LENGTH = 11
const CONTENT_KEY = new Uint8Array([0x64, ...utf8('data')])
const EMPTY = new Uint8Array([0x40])

/** What is fixed in the two layouts of a kind, cut from what the codec makes of an empty one. */
function layoutOf(t: Parcel['t'], most: number) {
  const nobody = deviceIdOf(new Uint8Array(32))
  const taken = encodeFromMember({ t, to: nobody, data: new Uint8Array() })
  const empty = { from: nobody, data: new Uint8Array() }
  const bucket = networkBucketOf(new Uint8Array(8))
  const passed = encodeToMember(t === 'hub' ? { t, ...empty } : { t, ...empty, bucket })
  const network = t === 'hub' ? 0 : 1 + 'bucket'.length + 1 + BUCKET_LENGTH
  const content = CONTENT_KEY.length + EMPTY.length
  const author = 1 + 'from'.length + 2 + ID_LENGTH
  return {
    t,
    most,
    beforeAddressee: taken.slice(0, -content - ID_LENGTH),
    beforeContent: passed.slice(0, -network - author - content),
    beforeAuthor: passed.slice(-network - author, passed.length - network - ID_LENGTH),
    beforeBucket: passed.slice(passed.length - network, network === 0 ? undefined : -BUCKET_LENGTH),
  }
}
const layouts = { signal: layoutOf('signal', MAX_SIGNAL_BYTES), hub: layoutOf('hub', MAX_HUB_BYTES) }

/** The parcel in a socket message. `undefined` for any other message, and for a parcel that `decodeFromMember` would refuse. */
export function parcelIn(bytes: Uint8Array): Parcel | undefined {
  const layout = isAt(bytes, 0, layouts.hub.beforeAddressee) ? layouts.hub : layouts.signal
  if (layout.t === 'signal' && !isAt(bytes, 0, layout.beforeAddressee)) return undefined
  const addressee = layout.beforeAddressee.length
  const key = addressee + ID_LENGTH
  if (!isAt(bytes, key, CONTENT_KEY)) return undefined
  const size = sizeOfString(bytes, key + CONTENT_KEY.length)
  if (size === undefined || size > layout.most) return undefined
  const to = deviceIdSchema.safeParse(String.fromCharCode(...bytes.subarray(addressee, key)))
  return to.success ? { t: layout.t, to: to.data, size, content: bytes.subarray(key) } : undefined
}

/** The parcel as its addressee gets it: what `encodeToMember` makes of it. `bucket`: the sender's network. */
export function envelopeFor(
  { t, content }: Parcel,
  from: DeviceId,
  bucket: NetworkBucket,
): Uint8Array<ArrayBuffer> {
  const { beforeContent, beforeAuthor, beforeBucket } = layouts[t]
  const author = concat(beforeContent, content, beforeAuthor, utf8(from))
  return t === 'hub' ? author : concat(author, beforeBucket, utf8(bucket))
}

function isAt(bytes: Uint8Array, offset: number, expected: Uint8Array): boolean {
  for (let index = 0; index < expected.length; index++) {
    if (bytes[offset + index] !== expected[index]) return false
  }
  return true
}

/** The length of the byte string at `offset` (RFC 8949 §3, major type 2), if its shortest form ends where `bytes` do. */
function sizeOfString(bytes: Uint8Array, offset: number): number | undefined {
  const [head = 0, high = 0, low = 0] = bytes.subarray(offset, offset + 3)
  const left = bytes.length - offset
  if (head >= 0x40 && head < 0x58) return left === 1 + head - 0x40 ? head - 0x40 : undefined
  if (head === 0x58) return high >= 24 && left === 2 + high ? high : undefined
  const size = high * 256 + low
  return head === 0x59 && size >= 256 && left === 3 + size ? size : undefined
}
