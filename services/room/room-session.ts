import type { AccountId, DeviceId } from '../../protocol/device'
import type { FrameFault } from '../../protocol/frames'
import type { ConnectionView, SayRefusal } from '../../protocol/host-port'
import type { Revocation } from '../../protocol/revocation'
import type { RoomId } from '../../protocol/room-id'
import type { Introduction, ToMember } from '../../protocol/room-socket'
import type { LoggedMessage } from '../log/logged-message'
import type { Link } from '../mesh/link'
import { type MeshFault, MeshLinks } from '../mesh/mesh-links'
import { Signalling } from '../mesh/signalling'
import type { Outbox } from '../outbox/outbox'
import { OwnRole } from '../own-role'
import { Admission } from './admission'
import { Author } from './author'
import { Faults } from './faults'
import { FrameIntake } from './frame-intake'
import { Introducer } from './introducer'
import type { RoomLog } from './room-log'
import { RoomPeople } from './room-people'
import { RoomTalk } from './room-talk'
import type { SessionChange, SessionWorld } from './session-world'
import { Tampering } from './tampering'

/** Closing a link at once would drop what it has not sent yet (ms). */
const GOODBYE_MS = 300

/** This browser's part in one room: joins its links, who is here, what was said and what waits to be. */
export class RoomSession {
  readonly me: DeviceId
  readonly people: RoomPeople
  readonly #faults = new Faults()
  readonly #tampering: Tampering
  readonly #talk: RoomTalk
  readonly #world: SessionWorld
  readonly #report: (change: SessionChange) => void
  readonly #mesh: MeshLinks
  readonly #intake: FrameIntake
  readonly #introducer: Introducer
  readonly #admission: Admission
  readonly #ownRole: OwnRole
  #isLeaving = false

  constructor(room: RoomId, world: SessionWorld, report: (change: SessionChange) => void) {
    const { clock, signer, passports } = world
    const ownRole = new OwnRole({
      ...world,
      fetch: () => world.role(room),
      onChange: () => this.people.announce(),
    })
    this.#ownRole = ownRole
    const author = new Author({
      ...world,
      room,
      // Whoever runs a channel is as good as named by the grant: it is shown with the name, or not at all.
      roleGrant: () => (world.credentials().twitch === undefined ? undefined : (ownRole.grant ?? undefined)),
    })
    const admission = new Admission({
      ...world,
      broadcast: (frame, except) => this.#mesh.broadcast(frame, except),
      onRevoked: (revocation, devices) => this.#revoked(revocation, devices),
    })
    this.#admission = admission
    const wiring = {
      ...world,
      room,
      me: signer.device,
      author,
      archive: world.archive(room),
      verifyPassport: (jwt: string) => admission.verifyPassport(jwt),
      verifyPassportAt: (jwt: string, ms: number) => admission.verifyPassportAt(jwt, ms),
      verifyRole: (jwt: string) => passports.verifyRole(jwt),
      isRevoked: (message: LoggedMessage) => admission.covers(message),
      broadcast: (frame: Uint8Array<ArrayBuffer>) => this.#mesh.broadcast(frame),
    }
    this.me = signer.device
    this.#world = world
    this.#report = report
    this.#tampering = new Tampering({
      clock,
      links: () => this.linkCount,
      onChange: () => this.#connectionChanged(),
    })
    this.people = new RoomPeople({
      ...wiring,
      account: () => this.account,
      linked: () => this.#mesh.peers,
      onHeard: (peer) => this.#mesh.step({ t: 'heard', peer }),
      onLeft: (peer) => this.#mesh.step({ t: 'gone', peer }),
      onMembership: (membership) => report({ t: 'membership', membership }),
      onConsent: (peer, direct, ms) => this.#mesh.heardConsent(peer, direct, ms),
      onChange: (t) => report({ t }),
    })
    this.#mesh = new MeshLinks({
      ...wiring,
      signalling: new Signalling({ ...wiring, passport: () => world.credentials().passport }),
      sendHub: (to, bytes) => this.#introducer.sendHub(to, bytes),
      sendSignal: (to, envelope) => this.#introducer.signal(to, envelope),
      askForIntroductions: () => this.#introducer.askForIntroductions(),
      isShunned: (peer) => this.#intake.isShunned(peer),
      onLink: (peer, link) => this.#linked(peer, link),
      onUnlink: (peer) => this.#unlinked(peer),
      onKindChange: () => report({ t: 'connection' }),
      onVerified: (from, account) => this.#tampering.heard(from, account),
      onFault: (fault, from) => {
        this.#faults.count(fault)
        this.#tampering.noted(fault, from, this.people.member(from)?.passport.sub)
      },
    })
    this.#talk = new RoomTalk({
      ...wiring,
      linked: () => this.#mesh.peers,
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
      },
      onMessage: (message, from) => this.log.file(message, from),
      // Its passport may have been revoked while its signature was checked.
      onPresence: (presence, passport, signed) =>
        !admission.isVoid(passport) && this.people.heard(presence, passport, signed),
      onTyping: (typing) => this.people.heardTyping(typing),
      onProof: (proof) => this.log.prove(proof),
      onReconciliation: (frame, from) => this.log.reconcile(frame, from),
      onRevoked: (jwts, from) => admission.takeRevocations(jwts, from),
      forward: (frame, except) => this.#mesh.broadcast(frame, except),
      onFault: (fault) => this.#faults.count(fault),
    })
    this.#introducer = new Introducer({
      ...wiring,
      pass: () => world.socketPass(room),
      onMessage: (message) => this.#heardFromRoom(message),
      onOpenChange: (open) => {
        if (!open) this.#mesh.hubClosed()
        this.#connectionChanged()
      },
    })
    this.people.announce()
    this.#ownRole.ask()
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
  say(key: string, text: string): Promise<SayRefusal | undefined> {
    this.people.sent()
    return this.#talk.say(key, text)
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
    this.#ownRole.ask()
  }

  /** The viewer's consent to direct links changed, or the relays we may use. */
  termsChanged(): void {
    this.#introducer.termsChanged()
    this.people.announce()
    this.#mesh.termsChanged()
  }

  /** Says goodbye, lets it get across, then closes everything. */
  async leave(): Promise<void> {
    this.#isLeaving = true
    this.#ownRole.close()
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

  #filed(message: LoggedMessage): void {
    this.#intake.remember(message.id)
    this.people.said(message.device)
    this.#report({ t: 'message', message })
  }

  #linked(peer: DeviceId, link: Link): void {
    this.#tampering.linked(peer, this.people.member(peer)?.passport.sub)
    this.#intake.attach(peer, link)
    this.#admission.greet(link)
    this.people.linked(peer, link)
    this.log.attach(peer, link)
    this.#connectionChanged()
  }

  #unlinked(peer: DeviceId): void {
    this.#intake.detach(peer)
    this.log.detach(peer)
    this.people.unlinked(peer)
    // A network that went silent took the socket with it, which alone would show it much later.
    if (this.hasServer) this.#introducer.probe()
    this.#connectionChanged()
  }

  #connectionChanged(): void {
    if (this.#isLeaving) return
    this.#talk.connectionChanged()
    this.#report({ t: 'connection' })
  }

  #heardFromRoom(message: ToMember): void {
    switch (message.t) {
      case 'welcome':
        // The clock may have been wrong until now, and with it what we said of ourselves.
        this.#world.onServerTime(message.now)
        this.#talk.timeCorrected()
        this.people.announce()
        return this.#introduced(message.members)
      case 'introduced':
        return this.#introduced(message.members)
      case 'hub':
        return this.#mesh.receiveHub(message.from, message.data)
      case 'signal':
        return void this.#mesh.receiveSignal(message.from, message.data)
      case 'absent':
        return this.#mesh.absent(message.device)
      case 'revoked':
        return void this.#admission
          .takeRevocations(message.revocations)
          .then((fault) => fault && this.#faults.count(fault))
    }
  }

  #revoked({ sub, device }: Revocation, devices: readonly DeviceId[]): void {
    const isEnded = device === undefined
    this.people.revoked(devices, isEnded)
    for (const peer of devices) this.#mesh.step({ t: 'gone', peer })
    this.log.revoked()
    const isOurs = sub === this.account && (isEnded || device === this.me)
    // An old one, from before we were let in again, says nothing new.
    if (isOurs && !this.people.member(this.me)) this.#world.onOutdated()
  }

  #introduced(members: readonly Introduction[]): void {
    // What the room object says of their consent is nobody's signed word: it counts for nothing.
    this.#mesh.step({ t: 'introduced', peers: members.map(({ device }) => device) })
  }
}
