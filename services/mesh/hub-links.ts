import type { DeviceId } from '../../protocol/device'
import { MAX_HUB_BYTES } from '../../protocol/limits'
import type { RoomId } from '../../protocol/room-id'
import type { Clock } from '../clock'
import { type Bytes, EphemeralKey, type Transcript } from './hub-keys'
import { HubLink } from './hub-link'
import { HubPacer } from './hub-pacer'
import { type HubFault, HubSession, sessionOf } from './hub-session'
import type { Link, PendingLink, Proposal } from './link'

interface Wiring {
  me: DeviceId
  room: RoomId
  clock: Clock
  /** Hands sealed bytes to the room's socket; `false` when there is none. */
  sendHub(to: DeviceId, bytes: Bytes): boolean
  onHubFault(fault: HubFault, from: DeviceId): void
}

interface Open {
  readonly peer: DeviceId
  readonly link: HubLink
}

/**
 * Links of one room through its room object: the last resort, where WebRTC cannot pass or would show an address. Offer and
 * answer are signals signed by the device keys, so the keys made from them are shared with that peer and nobody else.
 */
export class HubLinks {
  readonly #wiring: Wiring
  readonly #pacer: HubPacer
  readonly #open = new Map<string, Open>()

  constructor(wiring: Wiring) {
    this.#wiring = wiring
    this.#pacer = new HubPacer(wiring.clock)
  }

  offer(peer: DeviceId, nonce: Bytes): PendingLink {
    const { room, me } = this.#wiring
    const own = EphemeralKey.create()
    const pending = new Pending(own.then(({ publicKey }) => ({ via: 'hub', key: publicKey })))
    pending.onAnswer = async (answererKey) => {
      const key = await own
      const transcript = { room, nonce, offerer: me, answerer: peer, offererKey: key.publicKey, answererKey }
      const link = await this.#link(peer, key, transcript, pending)
      link?.greet()
      if (link) pending.open(link)
    }
    return pending
  }

  /** `theirKey`: from the peer's checked offer. */
  answer(peer: DeviceId, nonce: Bytes, theirKey: Bytes): PendingLink {
    const { room, me } = this.#wiring
    const answer = async (): Promise<Proposal> => {
      const key = await EphemeralKey.create()
      const { publicKey } = key
      const transcript = {
        room,
        nonce,
        offerer: peer,
        answerer: me,
        offererKey: theirKey,
        answererKey: publicKey,
      }
      // Before our answer is out: the peer's first word follows it closely.
      const link = await this.#link(peer, key, transcript, pending)
      if (link) pending.onReady = () => pending.open(link)
      return { via: 'hub', key: publicKey }
    }
    const pending: Pending = new Pending(Promise.resolve().then(answer))
    return pending
  }

  /** The room object passed this on. What fits no link was sent before one closed, or is nothing. */
  receive(from: DeviceId, data: Uint8Array): void {
    const session = data.length <= MAX_HUB_BYTES ? sessionOf(data) : undefined
    if (session !== undefined) this.#open.get(`${from} ${session}`)?.link.receive(data)
  }

  /** The room object knows no such member any more. */
  absent(peer: DeviceId): void {
    for (const open of [...this.#open.values()]) if (open.peer === peer) open.link.broken()
  }

  /** The socket is gone, and all these links with it. */
  socketClosed(): void {
    for (const { link } of [...this.#open.values()]) link.broken()
    this.#pacer.close()
  }

  async #link(
    peer: DeviceId,
    key: EphemeralKey,
    transcript: Transcript,
    pending: Pending,
  ): Promise<HubLink | undefined> {
    const isOfferer = transcript.offerer === this.#wiring.me
    const session = new HubSession(transcript.nonce, await key.agree(transcript, isOfferer))
    const id = `${peer} ${session.id.join()}`
    if (pending.isSettled || this.#open.has(id)) return undefined
    const link = new HubLink({
      session,
      pacer: this.#pacer,
      clock: this.#wiring.clock,
      send: (bytes) => this.#wiring.sendHub(peer, bytes),
      onReady: () => pending.onReady(),
      onFault: (fault) => this.#wiring.onHubFault(fault, peer),
      onGone: () => {
        this.#open.delete(id)
        pending.fail()
      },
    })
    pending.onAbandon = () => link.close()
    this.#open.set(id, { peer, link })
    return link
  }
}

/** A hub link that is not open yet. */
class Pending implements PendingLink {
  readonly proposal: Promise<Proposal>
  readonly opened: Promise<Link>
  onAnswer: (key: Bytes) => Promise<void> = async () => {}
  onReady = () => {}
  onAbandon = () => {}
  isSettled = false
  readonly #resolve: (link: Link) => void
  readonly #reject: (error: Error) => void

  constructor(proposal: Promise<Proposal>) {
    const { promise, resolve, reject } = Promise.withResolvers<Link>()
    this.opened = promise
    this.#resolve = resolve
    this.#reject = reject
    this.proposal = proposal
    // Whoever abandons a link need not wait for either.
    promise.catch(() => {})
    proposal.catch(() => this.fail())
  }

  answered(proposal: Proposal): void {
    if (proposal.via !== 'hub') return this.fail()
    this.onAnswer(proposal.key).catch(() => this.fail())
  }

  open(link: Link): void {
    if (!this.isSettled) this.#resolve(link)
    this.isSettled = true
  }

  fail(): void {
    if (!this.isSettled) this.#reject(new Error('hub link did not open'))
    this.isSettled = true
  }

  abandon(): void {
    const wasPending = !this.isSettled
    this.fail()
    if (wasPending) this.onAbandon()
  }
}
