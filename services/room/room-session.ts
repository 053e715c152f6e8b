import type { AccountId, DeviceId } from '../../protocol/device'
import type { BroadcastFrame, FrameFault } from '../../protocol/frames'
import type { AboutView, ConnectionView, SayRefusal } from '../../protocol/host-port'
import { FORWARD_MAX_AGE_MS } from '../../protocol/limits'
import type { Standing } from '../../protocol/people'
import type { RoomId } from '../../protocol/room-id'
import type { LoggedMessage } from '../log/logged-message'
import type { Words } from '../log/words'
import type { Link } from '../mesh/link'
import { MeshLinks } from '../mesh/mesh-links'
import type { MeshFault } from '../mesh/mesh-wiring'
import { Signalling } from '../mesh/signalling'
import type { Outbox } from '../outbox/outbox'
import { BlockedDevices } from '../people/blocked-devices'
import { Admission } from './admission'
import { Author } from './author'
import { Dismissals, GOODBYE_MS } from './dismissals'
import { Faults } from './faults'
import { FrameIntake } from './frame-intake'
import { Introducer } from './introducer'
import { OwnConsent } from './own-consent'
import { OwnStanding } from './own-standing'
import { roomAbout } from './room-about'
import type { RoomLog } from './room-log'
import { RoomPeople } from './room-people'
import { RoomTalk } from './room-talk'
import { hear } from './room-words'
import type { SessionChange, SessionWorld } from './session-world'
import { Tampering } from './tampering'

/** This browser's part in one room: joins its links, who is here, what was said and what waits to be. */
export class RoomSession {
  readonly me: DeviceId
  /** When this visit began (ms). */
  readonly since: number
  readonly people: RoomPeople
  readonly standing: OwnStanding
  readonly #faults = new Faults()
  readonly #tampering: Tampering
  readonly #talk: RoomTalk
  readonly #world: SessionWorld
  readonly #report: (change: SessionChange) => void
  readonly #mesh: MeshLinks
  readonly #intake: FrameIntake
  readonly #introducer: Introducer
  readonly #admission: Admission
  readonly #dismissals: Dismissals
  readonly #blocked: BlockedDevices
  #isLeaving = false
  /** Whether a message is being filed that came live: the tree passes it on. */
  #isLive = false
  #wasLinked: boolean

  constructor(room: RoomId, world: SessionWorld, report: (change: SessionChange) => void) {
    const { clock, signer, passports } = world
    const isBlocked = (account: AccountId) => world.standingOf(account) === 'blocked'
    this.standing = new OwnStanding({
      ...world,
      room,
      admission: () => admission,
      isRefused: () => this.#introducer.isRefused,
      onRole: () => {
        this.people.announce()
        report({ t: 'rules' })
      },
    })
    const author = new Author({ ...world, room, roleGrant: () => this.standing.shownGrant })
    const admission = new Admission({
      ...world,
      room,
      author,
      broadcast: (frame, except) => this.#mesh.broadcast(frame, except),
      tellRoom: (signed) => this.#introducer.rule(signed),
      onRevoked: (revocation, devices) => this.#dismissals.revoked(revocation, devices),
      onRuled: (devices) => {
        this.#dismissals.ruled(devices)
        this.#rulesChanged()
      },
    })
    this.#admission = admission
    this.#dismissals = new Dismissals({
      ...world,
      me: signer.device,
      account: () => this.account,
      admission: () => admission,
      people: () => this.people,
      talk: () => this.#talk,
      drop: (peer) => this.#mesh.step({ t: 'gone', peer }),
    })
    const wiring = {
      ...world,
      room,
      me: signer.device,
      author,
      archive: world.archive(room),
      verifyPassport: (jwt: string) => admission.verifyPassport(jwt),
      verifyPassportAt: (jwt: string, ms: number) => admission.verifyPassportAt(jwt, ms),
      verifyRole: (jwt: string) => passports.verifyRole(jwt),
      isBarred: (message: LoggedMessage) => admission.covers(message),
      isBlocked,
      broadcast: (frame: Uint8Array<ArrayBuffer>) => this.#mesh.broadcast(frame),
      publish: (frame: BroadcastFrame) => this.#mesh.publish(frame),
      tell: (peer: DeviceId, frames: readonly BroadcastFrame[]) => this.#mesh.tell(peer, frames),
    }
    this.#blocked = new BlockedDevices({
      clock,
      isBlocked,
      accountOf: (device) => this.people.member(device)?.passport.sub,
    })
    this.me = signer.device
    this.since = clock.now()
    this.#world = world
    this.#report = report
    this.#tampering = new Tampering({
      clock,
      links: () => this.linkCount,
      onChange: () => this.#connectionChanged(),
    })
    this.people = new RoomPeople({
      ...wiring,
      verifyPassport: (jwt) => admission.verifyOwnPassport(jwt),
      account: () => this.account,
      linked: () => this.#mesh.peers,
      onHeard: (peer) => this.#mesh.step({ t: 'heard', peer }),
      onLeft: (peer) => this.#mesh.step({ t: 'gone', peer }),
      onMembership: (membership) => report({ t: 'membership', membership }),
      onConsent: (peer, direct, ms, seal) => this.#mesh.heardConsent(peer, direct, ms, seal),
      onChange: (t) => report({ t }),
    })
    this.#mesh = new MeshLinks({
      ...wiring,
      signalling: new Signalling({ ...wiring, passport: () => world.credentials().passport }),
      sendHub: (to, bytes) => this.#introducer.sendHub(to, bytes),
      sendSignal: (to, envelope) => this.#introducer.signal(to, envelope),
      askForIntroductions: () => this.#introducer.askForIntroductions(),
      isShunned: (peer) => this.#intake.isShunned(peer) || this.#blocked.has(peer),
      isUnwanted: (peer, account) => this.#blocked.met(peer, account),
      onLink: (peer, link) => this.#linked(peer, link),
      onUnlink: (peer, inPeace) => this.#unlinked(peer, inPeace),
      onKindChange: () => report({ t: 'connection' }),
      onVerified: (from, account) => this.#tampering.heard(from, account),
      onFault: (fault, from) => {
        this.#faults.count(fault)
        this.#tampering.noted(fault, from, this.people.member(from)?.passport.sub)
      },
    })
    this.#talk = new RoomTalk({
      ...wiring,
      publish: async (frame) => {
        await this.people.speak()
        await this.#mesh.publish(frame)
      },
      linked: () => this.#mesh.overlay.neighbours,
      amBarred: () => this.standing.isBarred,
      canSend: () => world.isTimeSure() && (this.hasServer || this.linkCount > 0),
      onMessage: (message) => this.#filed(message),
      onVoid: (device) => this.people.said(device),
      onChange: (t) => report({ t }),
    })
    this.#intake = new FrameIntake({
      clock,
      facts: {
        ...wiring,
        now: () => clock.now(),
        member: (device) => this.people.member(device),
        peopleCount: () => this.people.count,
        nameOf: (account) => this.people.nameOf(account),
        isVoid: (device) => this.log.isVoid(device),
        isBarredAt: (passport, ms) => admission.rulings.isBarredAt(passport, ms),
      },
      onMessage: (message, from) => this.#heardLive(message, from),
      // That may have changed while its signature was checked.
      onPresence: (presence, passport, signed) =>
        !admission.isOut(passport) && this.people.heard(presence, passport, signed),
      onTyping: (typing) => this.people.heardTyping(typing),
      onProof: (proof) => this.log.prove(proof),
      onReconciliation: (frame, from) => this.log.reconcile(frame, from),
      onRevoked: (jwts, from) => admission.takeRevocations(jwts, from),
      rulings: admission.rulings,
      forward: (frame, except) => this.#mesh.broadcast(frame, except),
      onBroadcast: (outcome, id, frame, from) => this.#mesh.heardBroadcast(outcome, id, frame, from),
      onOverlay: (frame, from) => this.#mesh.overlay.receive(from, frame),
      isCrowd: () => this.people.isCrowd,
      onFault: (fault) => this.#faults.count(fault),
    })
    const consent = new OwnConsent({ ...world, room })
    this.#introducer = new Introducer({
      ...wiring,
      terms: () => consent.terms(),
      pass: () => world.socketPass(room),
      onMessage: (message) =>
        hear(message, {
          room,
          clock,
          mesh: this.#mesh,
          talk: this.#talk,
          people: this.people,
          admission,
          onServerTime: (now) => world.onServerTime(now),
          onRuled: () => this.#takenAnyway(),
          onFault: (fault) => this.#faults.count(fault),
        }),
      onOpenChange: (open) => {
        if (open) admission.connected()
        else this.#mesh.hubClosed()
        this.#connectionChanged()
      },
      // Its attachment, or our passport, may be from before our account was linked.
      onRefused: () => {
        if (this.standing.isLinked) world.onOutdated()
        this.#rulesChanged()
      },
    })
    this.#wasLinked = this.standing.isLinked
    this.people.announce()
    this.standing.ask()
    this.#talk.load()
  }

  /** What was said. */
  get log(): RoomLog {
    return this.#talk.log
  }

  /** What our viewer wants to be said. */
  get outbox(): Outbox {
    return this.#talk.outbox
  }

  /** Whose session it is: this device's account, which may be here with others. */
  get account(): AccountId {
    return this.#world.credentials().accountId
  }

  get linkCount(): number {
    return this.#mesh.peers.length
  }

  /** How many links of each kind are open. */
  get kinds(): ConnectionView['kinds'] {
    const kinds = { direct: 0, turn: 0, hub: 0 }
    for (const kind of this.#mesh.kinds.values()) kinds[kind]++
    return kinds
  }

  /** Frames and signals that were refused, by why. */
  get faults(): ReadonlyMap<FrameFault | MeshFault, number> {
    return this.#faults.counts
  }

  /** Whether somebody between us and the others changed what they sent. */
  get isTampered(): boolean {
    return this.#tampering.isSuspected
  }

  /** Whether the room object can be reached, which only newcomers need. */
  get hasServer(): boolean {
    return this.#introducer.isOpen
  }

  /** Whether the room object was asked in vain more than once. */
  get isServerFailing(): boolean {
    return this.#introducer.isFailing
  }

  /** Takes text to be said under a panel's `key`. Resolves once it is safe, or with why it was refused. */
  say(key: string, text: string, how?: Omit<Words, 'text'>): Promise<SayRefusal | undefined> {
    this.people.sent()
    return this.#talk.say(key, text, how)
  }

  /** Begins anew with the server, and with every link that does not answer: the viewer asks, or the clock moved. */
  reconnectNow(): void {
    this.#introducer.reconnectNow()
    this.#probeLinks()
  }

  /** The network came, changed or went, or the machine slept: what does not answer soon is replaced. */
  probe(): void {
    this.#introducer.probe()
    this.#probeLinks()
  }

  /** Our passport is another one, and maybe our role. */
  renewed(): void {
    this.people.announce()
    this.standing.ask()
    // The room object goes by what it was told when the socket opened: it has to know before only linked accounts are let in.
    const { isLinked } = this.standing
    if ((isLinked && !this.#wasLinked) || this.#introducer.isRefused) this.#introducer.reconnectNow()
    this.#wasLinked = isLinked
    this.#rulesChanged()
  }

  /** The viewer's consent to direct links changed, or the relays we may use. */
  termsChanged(): void {
    void this.#introducer.termsChanged()
    this.people.announce()
    this.#mesh.termsChanged()
  }

  /** What somebody is to the viewer. */
  standingOf(account: AccountId): Standing | null {
    return this.#world.standingOf(account)
  }

  /** The viewer blocked somebody, or no longer does: links with them end, or may be again. */
  standingsChanged(): void {
    for (const peer of this.#mesh.peers) if (this.#blocked.has(peer)) this.#mesh.step({ t: 'gone', peer })
    this.#introducer.askForIntroductions()
  }

  /** The living mesh, as this member sees it. */
  about(): AboutView {
    return roomAbout({ mesh: this.#mesh, intake: this.#intake, people: this.people })
  }

  /** Says goodbye, lets it get across, then closes everything. */
  async leave(): Promise<void> {
    this.#isLeaving = true
    this.standing.close()
    this.#admission.close()
    this.#dismissals.close()
    const saved = this.#talk.close()
    await this.people.leave()
    await new Promise<void>((resolve) => this.#world.clock.after(GOODBYE_MS, resolve))
    this.#intake.close()
    this.#mesh.close()
    this.#tampering.close()
    // Last, because some links go through it.
    this.#introducer.close()
    await saved
  }

  #probeLinks(): void {
    this.#intake.probe()
    this.#mesh.step({ t: 'hurry' })
  }

  #heardLive(message: LoggedMessage, from: DeviceId): boolean {
    this.#isLive = true
    const isNews = this.log.file(message, from)
    this.#isLive = false
    return isNews
  }

  #filed(message: LoggedMessage): void {
    this.#intake.remember(message.id)
    // Somebody was cut off when it was said: others may not have heard it either.
    const isFresh = this.#world.clock.now() - message.time.ms < FORWARD_MAX_AGE_MS
    if (!this.#isLive && isFresh && message.device !== this.me)
      this.#mesh.passOn({ t: 'message', ...message.signed }, message.id)
    this.people.said(message.device)
    this.#report({ t: 'message', message })
  }

  #linked(peer: DeviceId, link: Link): void {
    this.#tampering.linked(peer, this.people.member(peer)?.passport.sub)
    this.#intake.attach(peer, link)
    this.#admission.greet(link)
    this.people.linked(peer, link)
    this.log.attach(peer, link)
    this.#dismissals.linked(peer)
    this.#connectionChanged()
  }

  #unlinked(peer: DeviceId, inPeace: boolean): void {
    this.#intake.detach(peer)
    this.log.detach(peer)
    if (!inPeace) {
      this.people.unlinked(peer)
      // A network that went silent took the socket with it, which alone would show it much later.
      if (this.hasServer) this.#introducer.probe()
    }
    this.#connectionChanged()
  }

  #connectionChanged(): void {
    if (this.#isLeaving) return
    this.#talk.connectionChanged()
    this.#report({ t: 'connection' })
  }

  /** The room object takes us, though as far as we know it should not: it was told that our account is linked. */
  #takenAnyway(): void {
    if (this.standing.isBarred && this.hasServer && !this.#introducer.isRefused) this.#world.onOutdated()
  }

  /** Our account may do more than before, or less. */
  #rulesChanged(): void {
    this.#report({ t: 'rules' })
    this.#connectionChanged()
  }
}
