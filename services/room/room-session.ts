import type { AccountId, DeviceId } from '../../protocol/device'
import type { FrameFault } from '../../protocol/frames'
import type { AboutView, ConnectionView, Decision, SayRefusal } from '../../protocol/host-port'
import type { Standing } from '../../protocol/people'
import type { RoomId } from '../../protocol/room-id'
import type { Words } from '../log/words'
import type { MeshFault } from '../mesh/mesh-wiring'
import type { Outbox } from '../outbox/outbox'
import { actOf } from './decisions'
import { GOODBYE_MS } from './dismissals'
import type { OwnStanding } from './own-standing'
import type { Reports } from './reports'
import { roomAbout } from './room-about'
import type { RoomLog } from './room-log'
import type { RoomPeople } from './room-people'
import type { Rulings } from './rulings'
import { SessionParts } from './session-parts'
import type { SessionChange, SessionWorld } from './session-world'

/** This browser's part in one room: joins its links, who is here, what was said and what waits to be. */
export class RoomSession {
  readonly me: DeviceId
  /** When this visit began (ms). */
  readonly since: number
  readonly room: RoomId
  readonly people: RoomPeople
  readonly standing: OwnStanding
  readonly #parts: SessionParts
  readonly #world: SessionWorld
  #wasLinked: boolean

  constructor(room: RoomId, world: SessionWorld, report: (change: SessionChange) => void) {
    this.room = room
    this.me = world.signer.device
    this.since = world.clock.now()
    this.#world = world
    this.#parts = new SessionParts(room, world, report)
    this.people = this.#parts.people
    this.standing = this.#parts.standing
    this.#wasLinked = this.standing.isLinked
    this.people.announce()
    this.standing.ask()
    this.#parts.talk.load()
  }

  /** What was said. */
  get log(): RoomLog {
    return this.#parts.talk.log
  }

  /** What our viewer wants to be said. */
  get outbox(): Outbox {
    return this.#parts.talk.outbox
  }

  /** Whose session it is: this device's account, which may be here with others. */
  get account(): AccountId {
    return this.#world.credentials().accountId
  }

  get linkCount(): number {
    return this.#parts.mesh.peers.length
  }

  /** How many links of each kind are open. */
  get kinds(): ConnectionView['kinds'] {
    const kinds = { direct: 0, turn: 0, hub: 0 }
    for (const kind of this.#parts.mesh.kinds.values()) kinds[kind]++
    return kinds
  }

  /** Frames and signals that were refused, by why. */
  get faults(): ReadonlyMap<FrameFault | MeshFault, number> {
    return this.#parts.faults.counts
  }

  /** Whether somebody between us and the others changed what they sent. */
  get isTampered(): boolean {
    return this.#parts.tampering.isSuspected
  }

  /** Whether the room object can be reached, which only newcomers need. */
  get hasServer(): boolean {
    return this.#parts.introducer.isOpen
  }

  /** Whether the room object was asked in vain more than once. */
  get isServerFailing(): boolean {
    return this.#parts.introducer.isFailing
  }

  /** Takes text to be said under a panel's `key`. Resolves once it is safe, or with why it was refused. */
  say(key: string, text: string, how?: Omit<Words, 'text'>): Promise<SayRefusal | undefined> {
    this.people.sent()
    return this.#parts.talk.say(key, text, how)
  }

  /** Decides something for the room, or about somebody. Resolves with whether that counts now. */
  async moderate(decision: Decision): Promise<boolean> {
    const { people, standing, log } = this
    const { moderation } = this.rulings
    const act = actOf(decision, {
      me: this.account,
      role: standing.role,
      now: this.#world.clock.now(),
      log,
      moderation,
      roleOf: (account) => people.roleOf(account),
    })
    return act ? standing.decide(act) : false
  }

  /** What is reported to whoever moderates, and by us. */
  get reports(): Reports {
    return this.#parts.reports
  }

  /** What was decided for the room. */
  get rulings(): Rulings {
    return this.#parts.admission.rulings
  }

  /** Begins anew with the server, and with every link that does not answer: the viewer asks, or the clock moved. */
  reconnectNow(): void {
    this.#parts.introducer.reconnectNow()
    this.#probeLinks()
  }

  /** The network came, changed or went, or the machine slept: what does not answer soon is replaced. */
  probe(): void {
    this.#parts.introducer.probe()
    this.#probeLinks()
  }

  /** Our passport is another one, and maybe our role. */
  renewed(): void {
    this.people.announce()
    this.standing.ask()
    // The room object goes by what it was told when the socket opened: it has to know before only linked accounts are let in.
    const { isLinked } = this.standing
    if ((isLinked && !this.#wasLinked) || this.#parts.introducer.refusal)
      this.#parts.introducer.reconnectNow()
    this.#wasLinked = isLinked
    this.#parts.rulesChanged()
  }

  /** The viewer's consent to direct links changed, or the relays we may use. */
  termsChanged(): void {
    void this.#parts.introducer.termsChanged()
    this.people.announce()
    this.#parts.mesh.termsChanged()
  }

  /** What somebody is to the viewer. */
  standingOf(account: AccountId): Standing | null {
    return this.#world.standingOf(account)
  }

  /** The viewer blocked somebody, or no longer does: links with them end, or may be again. */
  standingsChanged(): void {
    for (const peer of this.#parts.mesh.peers)
      if (this.#parts.blocked.has(peer)) this.#parts.mesh.step({ t: 'gone', peer })
    this.#parts.introducer.askForIntroductions()
  }

  /** The living mesh, as this member sees it. */
  about(): AboutView {
    return roomAbout(this.#parts)
  }

  /** Says goodbye, lets it get across, then closes everything. */
  async leave(): Promise<void> {
    this.#parts.close()
    this.#parts.admission.close()
    this.#parts.dismissals.close()
    const saved = this.#parts.talk.close()
    await this.people.leave()
    await new Promise<void>((resolve) => this.#world.clock.after(GOODBYE_MS, resolve))
    this.#parts.intake.close()
    this.#parts.mesh.close()
    this.#parts.tampering.close()
    // Last, because some links go through it.
    this.#parts.introducer.close()
    await saved
  }

  #probeLinks(): void {
    this.#parts.intake.probe()
    this.#parts.mesh.step({ t: 'hurry' })
  }
}
