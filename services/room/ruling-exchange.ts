import type { DeviceId } from '../../protocol/device'
import { encodeFrame, type Frame } from '../../protocol/frames'
import { MAX_IDS_PER_FRAME, MAX_RULINGS_ASKED } from '../../protocol/limits'
import type { MessageId } from '../../protocol/message'
import type { HeldRuling } from '../../protocol/ruling'
import { packIds, type ShortId, shortIdOf, unpackIds } from '../log/short-id'
import type { Link } from '../mesh/link'

/** Frames in which one end of a link may say what it holds: as many as it takes for all that anybody remembers. */
const MAX_LISTS = 4

interface Peer {
  readonly link: Pick<Link, 'send'>
  lists: number
  /** What it holds and we lack, and have not asked for yet. */
  wanted: ShortId[]
  /** What we asked for, and it has not told. */
  readonly asked: Set<ShortId>
  /** What it was told already: nobody needs that twice. */
  readonly told: Set<ShortId>
}

interface Wiring {
  /** What is known here, newest first. */
  all(): readonly HeldRuling[]
}

/**
 * How two members that are linked anew come to remember the same rulings: each says what it holds, by id, and asks for what
 * it lacks, a few at a time. What is decided while they are linked they tell each other unasked.
 */
export class RulingExchange {
  readonly #wiring: Wiring
  readonly #peers = new Map<DeviceId, Peer>()

  constructor(wiring: Wiring) {
    this.#wiring = wiring
  }

  /** Tells a fresh link at once how the room is run, so that nobody is taken for a member who is none, and lists the rest. */
  attach(peer: DeviceId, link: Pick<Link, 'send'>): void {
    this.#peers.set(peer, { link, lists: 0, wanted: [], asked: new Set(), told: new Set() })
    const { first, rest } = sorted(this.#wiring.all())
    for (const { signed } of first) link.send(encodeFrame({ t: 'ruling', ...signed }))
    const ids = rest.map(({ id }) => shortIdOf(id))
    for (const some of chunks(ids, MAX_IDS_PER_FRAME))
      link.send(encodeFrame({ t: 'decided', ids: packIds(some) }))
  }

  detach(peer: DeviceId): void {
    this.#peers.delete(peer)
  }

  /** `from` says what it holds. */
  decided(ids: Uint8Array, from: DeviceId): 'news' | 'unsolicited' {
    const peer = this.#peers.get(from)
    if (!peer) return 'news'
    if (++peer.lists > MAX_LISTS) return 'unsolicited'
    const known = new Set(this.#wiring.all().map(({ id }) => shortIdOf(id)))
    peer.wanted.push(...unpackIds(ids).filter((id) => !known.has(id)))
    this.#ask(peer)
    return 'news'
  }

  /** `from` wants to be told these. */
  asked(ids: Uint8Array, from: DeviceId): 'news' | 'useless' {
    const peer = this.#peers.get(from)
    if (!peer) return 'useless'
    const wanted = new Set(unpackIds(ids))
    const given = this.#wiring.all().filter(({ id }) => {
      const short = shortIdOf(id)
      return wanted.has(short) && !peer.told.has(short)
    })
    for (const { id, signed } of given) {
      peer.told.add(shortIdOf(id))
      peer.link.send(encodeFrame({ t: 'ruling', ...signed } satisfies Frame))
    }
    return given.length > 0 ? 'news' : 'useless'
  }

  /** Whether `from` tells what it was asked for: once. */
  wasAsked(id: MessageId, from: DeviceId): boolean {
    const peer = this.#peers.get(from)
    if (!peer?.asked.delete(shortIdOf(id))) return false
    if (peer.asked.size === 0) this.#ask(peer)
    return true
  }

  #ask(peer: Peer): void {
    if (peer.asked.size > 0) return
    const known = new Set(this.#wiring.all().map(({ id }) => shortIdOf(id)))
    const wanted = peer.wanted.filter((id) => !known.has(id))
    const now = wanted.slice(0, MAX_RULINGS_ASKED)
    peer.wanted = wanted.slice(MAX_RULINGS_ASKED)
    if (now.length === 0) return
    for (const id of now) peer.asked.add(id)
    peer.link.send(encodeFrame({ t: 'tell', ids: packIds(now) }))
  }
}

/** What says how a room is run is told unasked, the rest is listed. */
function sorted(all: readonly HeldRuling[]) {
  const isFirst = ({ ruling: { act } }: HeldRuling) =>
    act === 'linked-only' || act === 'slow' || act === 'clear'
  return { first: all.filter(isFirst), rest: all.filter((held) => !isFirst(held)) }
}

function* chunks<T>(list: readonly T[], length: number): Generator<readonly T[]> {
  for (let at = 0; at < list.length; at += length) yield list.slice(at, at + length)
}
