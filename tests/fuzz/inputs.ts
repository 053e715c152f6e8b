import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { encodeCanonical } from '../../protocol/codec'
import { termsProtocol } from '../../protocol/consent'
import { unhex } from '../vectors/keys'
import type { Target } from './targets'

const VECTORS = ['statements', 'envelopes', 'sealed', 'wires', 'refusals', 'passports', 'rulings']
const HERE = new URL('./', import.meta.url)

/** All valid encodings of the vectors, some invalid ones, and texts of each kind. */
const BYTES = VECTORS.flatMap((name) =>
  bytesIn(JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, HERE), 'utf8'))),
)

const text = (...texts: string[]) => texts.map((each) => new TextEncoder().encode(each))

const TEXTS = text(
  'https://www.twitch.tv/some_channel',
  'https://www.twitch.tv/popout/moderator/some_channel/chat?x=1#y',
  'https://user:pass@www.twitch.tv:443//embed/Some_Channel/../chat',
  'AmberOtter417',
  'Zoë名無し',
  termsProtocol({
    direct: true,
    ms: 1_767_225_600_000,
    seal: new Uint8Array(32),
    sig: new Uint8Array(64),
  }),
  ...jwtsIn(readFileSync(new URL('../vectors/passports.json', HERE), 'utf8')),
  ...descriptions(),
)

const CALLS = text(
  '{"to":"background","call":"requestCode","args":["a@example.org"]}',
  '{"to":"background","call":"socketPass","args":["twitch:some_channel"]}',
  '{"to":"background","call":"setDirect","args":[true]}',
)

/** What made something fail once, by the target's name. */
export function savedInputs(name: string): { file: string; input: Uint8Array }[] {
  return readdirSync(new URL('corpus/', HERE))
    .filter((file) => file.startsWith(`${slugOf(name)}-`))
    .map((file) => ({ file, input: unhex(readFileSync(new URL(`corpus/${file}`, HERE), 'utf8').trim()) }))
}

export const slugOf = (name: string) => name.replace(/\W+/g, '-')

const seedsOf = ({ takes }: Target) => (takes === 'bytes' ? BYTES : takes === 'text' ? TEXTS : CALLS)

/** Inputs for a target: what it accepts, changed; what others accept; noise; and well-formed ones of no meaning. */
export async function inputsFor(target: Target): Promise<fc.Arbitrary<Uint8Array>> {
  const { takes } = target
  const seeds = seedsOf(target)
  const verdicts = await Promise.all(seeds.map((seed) => target.run(seed)))
  const good = seeds.filter((_, index) => verdicts[index])
  const seed = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...good) }, fc.constantFrom(...seeds))
  const changed = fc.tuple(seed, fc.array(change(seeds), { maxLength: 4 }))
  const mutated = changed.map(([bytes, changes]) => changes.reduce((made, apply) => apply(made), bytes))
  const noise = fc.uint8Array({ maxLength: 600 })
  const words = fc
    .oneof(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.webUrl())
    .map((s) => new TextEncoder().encode(s))
  if (takes === 'bytes') return fc.oneof({ weight: 3, arbitrary: mutated }, noise, cbor(), bomb())
  if (takes === 'text') return fc.oneof({ weight: 2, arbitrary: mutated }, noise, words)
  return fc.oneof(
    { weight: 2, arbitrary: mutated },
    fc.json({ maxDepth: 4 }).map((s) => new TextEncoder().encode(s)),
    deepJson(),
  )
}

type Change = (bytes: Uint8Array) => Uint8Array
const at = (bytes: Uint8Array, where: number) => Math.floor(where * bytes.length)
const where = () => fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

/** A flipped bit, another byte, something cut out, put in from elsewhere, or said twice; a head that claims much. */
function change(seeds: readonly Uint8Array[]): fc.Arbitrary<Change> {
  const joined = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts))
  const put = (bytes: Uint8Array, from: number, piece: Uint8Array, skip = 0) =>
    joined(bytes.subarray(0, from), piece, bytes.subarray(Math.min(bytes.length, from + skip)))
  const heads = [
    '1bffffffffffffffff',
    '5affffffff',
    '9b001fffffffffffff',
    'bb001fffffffffffff',
    'ff',
    '9f',
    'c1',
    'f97e00',
    'efbbbf',
  ]
  return fc.oneof(
    fc.tuple(where(), fc.nat(7)).map(
      ([w, bit]): Change =>
        (bytes) =>
          put(bytes, at(bytes, w), Uint8Array.of((bytes[at(bytes, w)] ?? 0) ^ (1 << bit)), 1),
    ),
    fc.tuple(where(), fc.nat(255)).map(
      ([w, byte]): Change =>
        (bytes) =>
          put(bytes, at(bytes, w), Uint8Array.of(byte), 1),
    ),
    where().map(
      (w): Change =>
        (bytes) =>
          widened(bytes, at(bytes, w)),
    ),
    fc.tuple(where(), fc.nat(40)).map(
      ([w, length]): Change =>
        (bytes) =>
          put(bytes, at(bytes, w), new Uint8Array(), length),
    ),
    where().map(
      (w): Change =>
        (bytes) =>
          bytes.slice(0, at(bytes, w)),
    ),
    fc.tuple(where(), where(), fc.nat(400), fc.constantFrom(...seeds)).map(
      ([w, from, length, other]): Change =>
        (bytes) =>
          put(bytes, at(bytes, w), other.subarray(at(other, from), at(other, from) + length), length),
    ),
    fc.tuple(where(), fc.constantFrom(...heads.map(unhex)), fc.nat(3)).map(
      ([w, head, skip]): Change =>
        (bytes) =>
          put(bytes, at(bytes, w), head, skip),
    ),
  )
}

/** The next one-byte length in two bytes, as nobody may write it (RFC 8949 §4.2.1). */
function widened(bytes: Uint8Array, from: number): Uint8Array {
  const head = bytes.findIndex((byte, index) => index >= from && (byte & 31) === 24)
  if (head < 0) return bytes
  const wide = Uint8Array.of((bytes[head] ?? 0) + 1, 0)
  return new Uint8Array(Buffer.concat([bytes.subarray(0, head), wide, bytes.subarray(head + 1)]))
}

/** Values of the shapes that frames have, encoded as they should be. */
function cbor(): fc.Arbitrary<Uint8Array> {
  const key = fc.constantFrom(
    't',
    'v',
    'ids',
    'more',
    'room',
    'bytes',
    'sig',
    'enc',
    'box',
    'seal',
    '__proto__',
    'constructor',
    'data',
    'to',
    'from',
    'origin',
    'ttl',
    'peers',
    'hops',
    'nonce',
    'act',
    'on',
    '',
  )
  const kind = fc.constantFrom(
    ...['ping', 'message', 'past', 'want', 'have', 'hub', 'introduce', 'terms', 'rule', 'linked-only'],
    ...['walk', 'shuffle', 'shuffled', 'bye', 'ihave', 'graft', 'prune', 'signal'],
  )
  const leaf = fc.oneof(
    kind,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.string(),
    fc.uint8Array({ maxLength: 80 }),
  )
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', maxDepth: 5 },
      leaf,
      fc.array(tie('value'), { maxLength: 6 }),
      fc.dictionary(key, tie('value'), { maxKeys: 6 }),
    ),
  }))
  return value.map((each) => encodeCanonical(each))
}

/** Much nesting in few bytes, or many small values. */
function bomb(): fc.Arbitrary<Uint8Array> {
  const heads = ['81', 'a16161', '8281', 'c1', '9f', 'd81881', 'a1613081'].map(unhex)
  return fc.tuple(fc.constantFrom(...heads), fc.nat(8_600), fc.boolean()).map(([head, size, isEnded]) => {
    const nested = Array.from({ length: Math.ceil(size / head.length) }, () => head)
    return new Uint8Array(Buffer.concat(isEnded ? [...nested, Uint8Array.of(0x80)] : nested))
  })
}

const deepJson = () =>
  fc
    .tuple(fc.constantFrom('[', '{"a":', '{"args":['), fc.nat(3_000))
    .map(([head, depth]) => new TextEncoder().encode(head.repeat(depth)))

function bytesIn(value: unknown): Uint8Array[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'bytes' && typeof inner === 'string' ? [unhex(inner)] : bytesIn(inner),
  )
}

function jwtsIn(json: string): string[] {
  return [...json.matchAll(/"jwt": "([^"]+)"/g)].map(([, jwt = '']) => jwt)
}

/** One that is as it should be, and some that carry an address where none belongs. */
function descriptions(): string[] {
  const good = [
    'v=0',
    'o=- 4611731400430051336 2 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=group:BUNDLE 0',
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    'c=IN IP4 0.0.0.0',
    'a=candidate:1 1 udp 2113937151 192.0.2.1 54400 typ host generation 0',
    'a=candidate:2 1 udp 41885695 2001:db8::1 3478 typ relay raddr 0.0.0.0 rport 0',
    'a=ice-ufrag:abcd',
    'a=ice-pwd:abcdefghijklmnopqrstuv',
    `a=fingerprint:sha-256 ${Array(32).fill('AB').join(':')}`,
    'a=setup:actpass',
    'a=mid:0',
    'a=sctp-port:5000',
    'a=max-message-size:262144',
    '',
  ].join('\r\n')
  const smuggling = [
    'a=mid:',
    'a=ice-ufrag:',
    'a=ice-pwd:abcdefghijklmnop',
    'a=sctp-port:',
    'a=max-message-size:',
  ]
  return [good, ...smuggling.map((line) => good.replace(new RegExp(`${line}.*`), `${line}192.0.2.1`))]
}
