import type { DeviceId } from '../../../protocol/device'
import { SIGNAL_FRESHNESS_MS } from '../../../protocol/limits'
import type { MeshEvent } from '../../../services/mesh/mesh'
import { SignalCarrier } from '../../../services/mesh/signal-carrier'
import type { Envelope, Post, Proposal } from './envelope'
import { SIGNAL_BYTES } from './frame-sizes'
import type { RoomObject, Visitor } from './room-object'
import { type End, Wire } from './wire'
import type { World } from './world'

/** As in `services/mesh/dialler.ts`: a link that is not open after this long is given up. */
const DEADLINE_MS = 15_000
/** As there: a peer is told no this often at most. */
const REFUSE_EVERY_MS = 3_000

interface Wiring {
  readonly world: World
  readonly post: Post
  readonly member: End & Visitor
  /** The room object, while our socket to it is open. */
  room(): RoomObject | undefined
  hasRoute(to: DeviceId): boolean
  hasNeighbours(): boolean
  step(event: MeshEvent): void
  opened(wire: Wire, peer: DeviceId): void
  /** The old link to whoever offers a new one is dead. */
  retire(peer: DeviceId): void
}

/** One end's attempt at a link. */
class Attempt implements Proposal {
  readonly dialling: Dialling
  readonly peer: DeviceId
  readonly role: 'offer' | 'answer'
  isAnswered: boolean

  constructor(dialling: Dialling, peer: DeviceId, role: 'offer' | 'answer') {
    this.dialling = dialling
    this.peer = peer
    this.role = role
    this.isAnswered = role === 'answer'
  }

  get isCurrent(): boolean {
    return this.dialling.attemptWith(this.peer) === this
  }

  /** It took too long. */
  run(): void {
    if (this.isCurrent) this.dialling.fail(this)
  }
}

/** Sets up the links of one member, as `Dialler` does, over signals that take the three ways. */
export class Dialling {
  readonly #wiring: Wiring
  readonly #carrier: SignalCarrier
  readonly #attempts = new Map<DeviceId, Attempt>()
  readonly #refusedAt = new Map<DeviceId, number>()
  /** Offers under way at once, at most, so far. */
  mostDials = 0
  /** The offer that the overlay is being asked about. */
  #offer: Envelope | undefined

  constructor(wiring: Wiring) {
    const { world, post, member, hasRoute, hasNeighbours, room, step } = wiring
    this.#wiring = wiring
    this.#carrier = new SignalCarrier({
      clock: world.clock,
      hasRoute,
      hasNeighbours,
      alongLinks: (to, data, everywhere) => step({ t: 'signal', to, data, everywhere }),
      throughRoom: (_to, data) => {
        const envelope = post.open(data)
        const socket = room()
        if (!envelope || !socket) return false
        member.sentBytes += SIGNAL_BYTES
        socket.pass(member, envelope)
        return true
      },
    })
  }

  attemptWith(peer: DeviceId): Attempt | undefined {
    return this.#attempts.get(peer)
  }

  get member(): End & Visitor {
    return this.#wiring.member
  }

  dial(peer: DeviceId, urgent: boolean): void {
    const attempt = this.#begin(peer, 'offer')
    let dials = 0
    for (const { role } of this.#attempts.values()) if (role === 'offer') dials++
    this.mostDials = Math.max(this.mostDials, dials)
    this.#carry(attempt, this.#sealed('offer', peer, attempt, { urgent }))
  }

  /** Answers the offer that was just reported. */
  accept(peer: DeviceId): void {
    const offer = this.#offer
    if (offer?.from !== peer) return
    this.#wiring.retire(peer)
    const attempt = this.#begin(peer, 'answer')
    this.#carry(attempt, this.#sealed('answer', peer, offer.offer, { answer: attempt }))
  }

  /** Says that there is no place; once, the first way there is. */
  refuse(peer: DeviceId): void {
    const offer = this.#offer
    const { now } = this.#wiring.world
    if (offer?.from !== peer || now - (this.#refusedAt.get(peer) ?? 0) < REFUSE_EVERY_MS) return
    this.#refusedAt.set(peer, now)
    this.#carrier.send(peer, this.#wiring.post.seal(this.#sealed('full', peer, offer.offer, {})), {})
  }

  abandon(peer: DeviceId): void {
    this.#attempts.delete(peer)
  }

  /** An envelope came, over links or, with its sender's `bucket`, through the room object. */
  receive(envelope: Envelope, bucket?: string): void {
    const { world, member, step } = this.#wiring
    if (envelope.to !== member.device || world.now - envelope.sealedAt > SIGNAL_FRESHNESS_MS) return
    const by = bucket === undefined ? 'links' : 'room'
    if (envelope.isSeen) return this.#carrier.cameAgain(envelope.from, by)
    envelope.isSeen = true
    this.#carrier.came(envelope.from, by)
    if (envelope.kind === 'offer') {
      this.#offer = envelope
      const { from: peer, urgent } = envelope
      step({ t: 'offered', peer, urgent, ...(bucket !== undefined && { bucket }) })
      this.#offer = undefined
      return
    }
    const attempt = this.#attempts.get(envelope.from)
    if (!attempt || attempt !== envelope.offer || attempt.isAnswered) return
    if (envelope.kind === 'full') {
      this.#attempts.delete(attempt.peer)
      return step({ t: 'full', peer: attempt.peer })
    }
    attempt.isAnswered = true
    if (envelope.answer instanceof Attempt) this.#connect(attempt, envelope.answer)
  }

  /** The room object has no socket of `peer`. */
  absent(peer: DeviceId): void {
    const attempt = this.#attempts.get(peer)
    if (attempt && !attempt.isAnswered) this.fail(attempt)
  }

  fail(attempt: Attempt): void {
    this.#attempts.delete(attempt.peer)
    this.#wiring.step({ t: 'closed', peer: attempt.peer })
  }

  close(): void {
    this.#carrier.close()
    this.#attempts.clear()
  }

  #begin(peer: DeviceId, role: 'offer' | 'answer'): Attempt {
    const attempt = new Attempt(this, peer, role)
    this.#attempts.set(peer, attempt)
    this.#wiring.world.after(DEADLINE_MS, attempt)
    return attempt
  }

  /** As long as it is wanted, one way after the other. */
  #carry(attempt: Attempt, envelope: Envelope): void {
    const { world, post } = this.#wiring
    world.later(0, () => {
      if (!attempt.isCurrent) return
      const isWaiting = () => attempt.isCurrent && !attempt.isAnswered
      const isUnanswered = attempt.role === 'offer' ? isWaiting : undefined
      const data = post.seal(envelope)
      if (!this.#carrier.send(attempt.peer, data, { isUnanswered })) this.fail(attempt)
    })
  }

  #sealed(
    kind: Envelope['kind'],
    to: DeviceId,
    offer: Proposal,
    rest: { urgent?: boolean; answer?: Proposal },
  ): Envelope {
    const { world, member } = this.#wiring
    const common = { kind, from: member.device, to, offer, sealedAt: world.now, isSeen: false }
    return { ...common, urgent: rest.urgent ?? false, ...(rest.answer && { answer: rest.answer }) }
  }

  /** ICE and DTLS: two more trips. Through a torn network they come to nothing. */
  #connect(ours: Attempt, theirs: Attempt): void {
    const { world } = this.#wiring
    const latency = world.drawLatency()
    world.later(2 * latency, () => {
      const isTorn = world.isTorn && this.member.side !== theirs.dialling.member.side
      if (isTorn || !ours.isCurrent || !theirs.isCurrent) return
      const wire = new Wire(world, this.member, theirs.dialling.member, latency)
      this.#attempts.delete(ours.peer)
      theirs.dialling.#attempts.delete(theirs.peer)
      this.#wiring.opened(wire, ours.peer)
      theirs.dialling.#wiring.opened(wire, theirs.peer)
    })
  }
}
