import type { AccountId, DeviceId } from '../../protocol/device'
import type { BroadcastFrame } from '../../protocol/frames'
import { FORWARD_MAX_AGE_MS } from '../../protocol/limits'
import type { RoomId } from '../../protocol/room-id'
import type { LoggedMessage } from '../log/logged-message'
import type { Link } from '../mesh/link'
import { MeshLinks } from '../mesh/mesh-links'
import { Signalling } from '../mesh/signalling'
import { BlockedDevices } from '../people/blocked-devices'
import { Admission } from './admission'
import { Author } from './author'
import { Dismissals } from './dismissals'
import { Faults } from './faults'
import { FrameIntake } from './frame-intake'
import { Introducer } from './introducer'
import { OwnConsent } from './own-consent'
import { OwnStanding } from './own-standing'
import { Reports } from './reports'
import { RoomPeople } from './room-people'
import { RoomTalk } from './room-talk'
import { hear } from './room-words'
import type { SessionChange, SessionWorld } from './session-world'
import { Tampering } from './tampering'

/** What a session in one room consists of, each part told of the others. `RoomSession` is what the rest of the host sees of it. */
export class SessionParts {
  readonly people: RoomPeople
  readonly standing: OwnStanding
  readonly faults = new Faults()
  readonly tampering: Tampering
  readonly talk: RoomTalk
  readonly mesh: MeshLinks
  readonly intake: FrameIntake
  readonly introducer: Introducer
  readonly admission: Admission
  readonly dismissals: Dismissals
  readonly blocked: BlockedDevices
  readonly reports: Reports
  readonly #world: SessionWorld
  readonly #report: (change: SessionChange) => void
  /** Whether the session ends: nobody needs to hear of its connection. */
  isLeaving = false
  /** Whether a message is being filed that came live: the tree passes it on. */
  #isLive = false
  /** Whether it was decided that we take no part. */
  #wasBanned = false
  /** Calls when our time-out ends. */
  #cancelBar = () => {}

  constructor(room: RoomId, world: SessionWorld, report: (change: SessionChange) => void) {
    const { clock, signer, passports } = world
    const isBlocked = (account: AccountId) => world.standingOf(account) === 'blocked'
    this.standing = new OwnStanding({
      ...world,
      room,
      admission: () => admission,
      refusal: () => this.introducer.refusal,
      onRole: () => {
        this.people.announce()
        report({ t: 'rules' })
        void this.standing.showRole()
      },
    })
    const archive = world.archive(room)
    const author = new Author({ ...world, room, roleGrant: () => this.standing.shownGrant })
    const admission = new Admission({
      ...world,
      room,
      author,
      archive,
      broadcast: (frame, except) => this.mesh.broadcast(frame, except),
      tellRoom: (signed) => this.introducer.rule(signed),
      onRevoked: (revocation, devices) => this.dismissals.revoked(revocation, devices),
      onRuled: (devices) => {
        this.dismissals.ruled(devices)
        // Also what only does not show in a slow room.
        report({ t: 'log' })
        this.rulesChanged()
      },
    })
    this.admission = admission
    this.dismissals = new Dismissals({
      ...world,
      me: signer.device,
      account: () => world.credentials().accountId,
      admission: () => admission,
      people: () => this.people,
      talk: () => this.talk,
      drop: (peer) => this.mesh.step({ t: 'gone', peer }),
    })
    const wiring = {
      ...world,
      room,
      me: signer.device,
      author,
      archive,
      verifyPassport: (jwt: string) => admission.verifyPassport(jwt),
      verifyPassportAt: (jwt: string, ms: number) => admission.verifyPassportAt(jwt, ms),
      verifyRole: (jwt: string) => passports.verifyRole(jwt),
      isBarred: (message: LoggedMessage) => admission.covers(message),
      isBlocked,
      broadcast: (frame: Uint8Array<ArrayBuffer>) => this.mesh.broadcast(frame),
      publish: (frame: BroadcastFrame) => this.mesh.publish(frame),
      tell: (peer: DeviceId, frames: readonly BroadcastFrame[]) => this.mesh.tell(peer, frames),
    }
    this.blocked = new BlockedDevices({
      clock,
      isBlocked,
      accountOf: (device) => this.people.member(device)?.passport.sub,
    })
    this.#world = world
    this.#report = report
    this.tampering = new Tampering({
      clock,
      links: () => this.mesh.peers.length,
      onChange: () => this.#connectionChanged(),
    })
    this.people = new RoomPeople({
      ...wiring,
      verifyPassport: (jwt) => admission.verifyOwnPassport(jwt),
      account: () => world.credentials().accountId,
      linked: () => this.mesh.peers,
      onHeard: (peer) => this.mesh.step({ t: 'heard', peer }),
      onLeft: (peer) => this.mesh.step({ t: 'gone', peer }),
      onMembership: (membership) => report({ t: 'membership', membership }),
      onConsent: (peer, direct, ms, seal) => this.mesh.heardConsent(peer, direct, ms, seal),
      onChange: (t) => report({ t }),
    })
    this.mesh = new MeshLinks({
      ...wiring,
      signalling: new Signalling({ ...wiring, passport: () => world.credentials().passport }),
      sendHub: (to, bytes) => this.introducer.sendHub(to, bytes),
      sendSignal: (to, envelope) => this.introducer.signal(to, envelope),
      askForIntroductions: () => this.introducer.askForIntroductions(),
      isShunned: (peer) => this.intake.isShunned(peer) || this.blocked.has(peer),
      isUnwanted: (peer, account) => this.blocked.met(peer, account),
      onLink: (peer, link) => this.#linked(peer, link),
      onUnlink: (peer, inPeace) => this.#unlinked(peer, inPeace),
      onKindChange: () => report({ t: 'connection' }),
      onVerified: (from, account) => this.tampering.heard(from, account),
      onFault: (fault, from) => {
        this.faults.count(fault)
        this.tampering.noted(fault, from, this.people.member(from)?.passport.sub)
      },
    })
    this.talk = new RoomTalk({
      ...wiring,
      publish: async (frame) => {
        await this.people.speak()
        await this.mesh.publish(frame)
      },
      linked: () => this.mesh.overlay.neighbours,
      barrier: () => this.standing.barrier,
      slowFor: (account, ms) => admission.slowFor(account, ms),
      account: () => world.credentials().accountId,
      canSend: () => world.isTimeSure() && (this.introducer.isOpen || this.mesh.peers.length > 0),
      onMessage: (message) => this.#filed(message),
      onVoid: (device) => this.people.said(device),
      onChange: (t) => report({ t }),
    })
    this.reports = new Reports({
      ...wiring,
      people: () => this.people,
      // Whoever hides their name shows a role with what they decide alone.
      staff: () => [...new Set([...this.people.staff, ...admission.rulings.rulersAt(clock.now())])],
      log: () => this.talk.log,
      isLinked: () => this.mesh.peers.length > 0,
      mayRead: () => this.standing.mayRule,
      passportAt: (jwt, ms) => passports.verifyAt(jwt, ms),
      reporterAt: (jwt, ms) => admission.verifyPassportAt(jwt, ms),
      forward: (frame, except) => this.mesh.broadcast(frame, except),
      onChange: () => report({ t: 'reports' }),
    })
    this.intake = new FrameIntake({
      clock,
      facts: {
        ...wiring,
        now: () => clock.now(),
        member: (device) => this.people.member(device),
        peopleCount: () => this.people.count,
        nameOf: (account) => this.people.nameOf(account),
        isVoid: (device) => this.talk.log.isVoid(device),
        isBarredAt: (passport, ms) => admission.rulings.isBarredAt(passport, ms),
      },
      onMessage: (message, from) => this.#heardLive(message, from),
      // That may have changed while its signature was checked.
      onPresence: (presence, passport, signed) =>
        !admission.isOut(passport) && this.people.heard(presence, passport, signed),
      onTyping: (typing) => this.people.heardTyping(typing),
      onProof: (proof) => this.talk.log.prove(proof),
      onReconciliation: (frame, from) => this.talk.log.reconcile(frame, from),
      onRevoked: (jwts, from) => admission.takeRevocations(jwts, from),
      rulings: admission.rulings,
      exchange: admission.exchange,
      reports: this.reports,
      forward: (frame, except) => this.mesh.broadcast(frame, except),
      onBroadcast: (outcome, id, frame, from) => this.mesh.heardBroadcast(outcome, id, frame, from),
      onOverlay: (frame, from) => this.mesh.overlay.receive(from, frame),
      isCrowd: () => this.people.isCrowd,
      onFault: (fault) => this.faults.count(fault),
    })
    const consent = new OwnConsent({ ...world, room })
    this.introducer = new Introducer({
      ...wiring,
      terms: () => consent.terms(),
      pass: () => world.socketPass(room),
      onMessage: (message) =>
        hear(message, {
          room,
          clock,
          mesh: this.mesh,
          talk: this.talk,
          people: this.people,
          admission,
          onServerTime: (now) => world.onServerTime(now),
          onRuled: () => this.#takenAnyway(),
          onListed: (ids) => ids && this.introducer.tell(ids),
          onFault: (fault) => this.faults.count(fault),
        }),
      onOpenChange: (open) => {
        if (open) admission.connected()
        else this.mesh.hubClosed()
        this.#connectionChanged()
      },
      // Its attachment, or our passport, may be from before our account was linked.
      onRefused: () => {
        if (this.standing.isLinked) world.onOutdated()
        this.rulesChanged()
      },
    })
  }

  #heardLive(message: LoggedMessage, from: DeviceId): boolean {
    this.#isLive = true
    const isNews = this.talk.log.file(message, from)
    this.#isLive = false
    return isNews
  }

  #filed(message: LoggedMessage): void {
    this.intake.remember(message.id)
    // Somebody was cut off when it was said: others may not have heard it either.
    const isFresh = this.#world.clock.now() - message.time.ms < FORWARD_MAX_AGE_MS
    if (!this.#isLive && isFresh && message.device !== this.#world.signer.device)
      this.mesh.passOn({ t: 'message', ...message.signed }, message.id)
    this.people.said(message.device)
    // What its author said right after it may have come before it.
    if (this.talk.log.hasNewerOf(message)) this.#report({ t: 'log' })
    this.#report({ t: 'message', message })
  }

  #linked(peer: DeviceId, link: Link): void {
    this.tampering.linked(peer, this.people.member(peer)?.passport.sub)
    this.intake.attach(peer, link)
    this.admission.greet(peer, link)
    this.people.linked(peer, link)
    this.talk.log.attach(peer, link)
    this.dismissals.linked(peer)
    this.#connectionChanged()
  }

  #unlinked(peer: DeviceId, inPeace: boolean): void {
    this.intake.detach(peer)
    this.admission.exchange.detach(peer)
    this.talk.log.detach(peer)
    if (!inPeace) {
      this.people.unlinked(peer)
      // A network that went silent took the socket with it, which alone would show it much later.
      if (this.introducer.isOpen) this.introducer.probe()
    }
    this.#connectionChanged()
  }

  #connectionChanged(): void {
    if (this.isLeaving) return
    this.talk.connectionChanged()
    this.#report({ t: 'connection' })
  }

  /** The room object takes us, though as far as we know it should not: it was told that our account is linked. */
  #takenAnyway(): void {
    if (this.standing.isBarred && this.introducer.isOpen && !this.introducer.refusal) this.#world.onOutdated()
  }

  /** Nobody needs to hear of the session any more. */
  close(): void {
    this.isLeaving = true
    this.#cancelBar()
    this.standing.close()
  }

  /** Our account may do more than before, or less. */
  rulesChanged(): void {
    this.#report({ t: 'rules' })
    void this.standing.showRole()
    this.#cancelBar()
    const { bar } = this.standing
    const isBanned = bar?.ruling.act === 'ban'
    if (this.#wasBanned && !isBanned) {
      this.people.announce()
      if (this.introducer.refusal) this.introducer.reconnectNow()
    }
    this.#wasBanned = isBanned
    if (bar && Number.isFinite(bar.until) && !this.isLeaving)
      this.#cancelBar = this.#world.clock.after(bar.until - this.#world.clock.now() + 1, () =>
        this.rulesChanged(),
      )
    this.#connectionChanged()
  }
}
