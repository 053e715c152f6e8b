import type { Credentials, SocketPass } from '../../protocol/control'
import type { DeviceId } from '../../protocol/device'
import { encodeFrame, type FrameFault } from '../../protocol/frames'
import type { MemberView } from '../../protocol/host-port'
import { FORWARD_MAX_AGE_MS, MAX_PRESENCE_SYNC, PRESENCE_INTERVAL_MS } from '../../protocol/limits'
import type { Presence } from '../../protocol/presence'
import type { RoomId } from '../../protocol/room-id'
import type { ToMember } from '../../protocol/room-socket'
import type { Signer } from '../../protocol/signed'
import { type Clock, every, type Random } from '../clock'
import type { Link, LinkMaker } from '../mesh/link'
import { MeshLinks } from '../mesh/mesh-links'
import { type SignalFault, Signalling } from '../mesh/signalling'
import type { Passports } from '../passports'
import { Author } from './author'
import { FrameIntake } from './frame-intake'
import { Introducer, type OpenSocket } from './introducer'
import { type LoggedMessage, MessageLog } from './message-log'
import { type Membership, Roster } from './roster'

/** What a session needs of the world. */
export interface SessionWorld {
  clock: Clock
  random: Random
  signer: Signer
  passports: Passports
  links: LinkMaker
  openSocket: OpenSocket
  /** As fresh as it is now: the passport is renewed while a session runs. */
  credentials(): Credentials
  socketPass(room: RoomId): Promise<SocketPass>
  /** The next `seq` of this device in a room: persistent, without gaps, from 0. */
  nextSeq(room: RoomId): Promise<number>
  /** The Worker's clock (ms), for correction of ours. */
  onServerTime(now: number): void
}

export type SessionChange =
  /** `reach`: how many links took our own message. */
  | { t: 'message'; message: LoggedMessage; reach?: number }
  | ({ t: 'membership' } & Membership)
  | { t: 'members' }
  | { t: 'connection' }

/** How often silent members are looked for. */
const EXPIRY_CHECK_MS = 2_000

/** Closing a link at once would drop what it has not sent yet. */
const GOODBYE_MS = 300

/** Links that break together are answered by one announcement. */
const ANNOUNCE_AGAIN_MS = 1_000

/** This browser's part in one room: its links, who is here, what was said. */
export class RoomSession {
  readonly room: RoomId
  readonly log = new MessageLog()
  /** Frames and signals that were refused, by why. */
  readonly faults = new Map<FrameFault | SignalFault, number>()
  readonly #world: SessionWorld
  readonly #report: (change: SessionChange) => void
  readonly #author: Author
  readonly #roster: Roster
  readonly #mesh: MeshLinks
  readonly #intake: FrameIntake
  readonly #introducer: Introducer
  readonly #stops: (() => void)[]
  #isLeaving = false
  #telling = Promise.resolve()
  #cancelAnnouncement: (() => void) | undefined

  constructor(room: RoomId, world: SessionWorld, report: (change: SessionChange) => void) {
    this.room = room
    this.#world = world
    this.#report = report
    const { clock, signer } = world
    const passport = () => world.credentials().passport
    const verifyPassport = (jwt: string) => world.passports.verify(jwt)
    this.#author = new Author({ ...world, room, passport })
    this.#roster = new Roster({
      clock,
      me: signer.device,
      since: this.#author.since,
      onHeard: (peer) => this.#mesh.step({ t: 'heard', peer }),
      onLeft: (peer) => this.#mesh.step({ t: 'gone', peer }),
      onMembership: (membership) => report({ t: 'membership', ...membership }),
      onChange: () => report({ t: 'members' }),
    })
    this.#mesh = new MeshLinks({
      ...world,
      me: signer.device,
      signalling: new Signalling({ ...world, room, verifyPassport, passport }),
      sendSignal: (to, envelope) => this.#introducer.signal(to, envelope),
      askForIntroductions: () => this.#introducer.askForIntroductions(),
      onLink: (peer, link) => this.#linked(peer, link),
      onUnlink: (peer) => this.#unlinked(peer),
      onSignalFault: (fault) => this.#count(fault),
    })
    this.#intake = new FrameIntake({
      clock,
      facts: { room, now: () => clock.now(), member: (device) => this.#roster.get(device), verifyPassport },
      onMessage: (message, { sub, name }) => {
        this.#author.observe(message.time)
        this.#file({ ...message, account: sub, name })
      },
      onPresence: (presence, author, signed) =>
        presence.device !== signer.device && this.#roster.apply(presence, author, signed),
      forward: (frame, except) => this.#mesh.broadcast(frame, except),
      onFault: (fault) => this.#count(fault),
    })
    this.#introducer = new Introducer({
      ...world,
      pass: () => world.socketPass(room),
      onMessage: (message) => this.#heardFromRoom(message),
      onOpenChange: () => report({ t: 'connection' }),
    })
    this.#stops = [
      every(clock, PRESENCE_INTERVAL_MS, () => this.announce()),
      every(clock, EXPIRY_CHECK_MS, () => this.#roster.expire([...this.#mesh.peers, signer.device])),
    ]
    this.announce()
  }

  get linkCount(): number {
    return this.#mesh.peers.length
  }

  /** Whether the room object can be reached, which only newcomers need. */
  get hasServer(): boolean {
    return this.#introducer.isOpen
  }

  /** Whether the room object was asked in vain more than once. */
  get isServerFailing(): boolean {
    return this.#introducer.isFailing
  }

  /** Who is here, this account included. */
  get people(): MemberView[] {
    return this.#roster.people(this.#world.credentials().accountId)
  }

  /** Signs `text`, files it and sends it to everyone. Rejects with a `TypeError` for text that may not be said. */
  async say(text: string): Promise<LoggedMessage> {
    const { message, signed } = await this.#author.say(text)
    const { accountId, displayName } = this.#world.credentials()
    const logged = { ...message, account: accountId, name: displayName }
    this.#intake.remember(message.id)
    const reach = this.#mesh.broadcast(encodeFrame({ t: 'message', ...signed }))
    this.#file(logged, reach)
    return logged
  }

  /** Tries every connection at once: the network is back, or the viewer asks. */
  hurry(): void {
    this.#introducer.hurry()
    this.#mesh.step({ t: 'hurry' })
  }

  /** Tells the room that this device is here, under its present passport. */
  announce(): void {
    if (!this.#isLeaving) void this.#tell('here')
  }

  /** One word after the other: an earlier one must not come to stand over a later one. */
  #tell(state: Presence['state']): Promise<void> {
    this.#telling = this.#telling
      .then(() => this.#tellNow(state))
      .catch(() => {
        // Our passport has ended and the Worker is away: whoever knows us goes on knowing us until then.
      })
    return this.#telling
  }

  async #tellNow(state: Presence['state']): Promise<void> {
    const { presence, signed } = await this.#author.presence(state)
    const passport = await this.#world.passports.verify(presence.passport)
    this.#roster.applyOwn(presence, passport, signed)
    this.#mesh.broadcast(encodeFrame({ t: 'presence', ...signed }))
  }

  /** Says goodbye, lets it get across, then closes everything. */
  async leave(): Promise<void> {
    this.#isLeaving = true
    for (const stop of this.#stops) stop()
    this.#cancelAnnouncement?.()
    this.#introducer.close()
    await this.#tell('left')
    await new Promise<void>((resolve) => this.#world.clock.after(GOODBYE_MS, resolve))
    this.#intake.close()
    this.#mesh.close()
  }

  /** A fresh link first learns who is here, before anything they say: only what the peer will not find stale. */
  #linked(peer: DeviceId, link: Link): void {
    this.#intake.attach(peer, link)
    this.#roster.linked(peer)
    const now = this.#world.clock.now()
    const fresh = this.#roster.all
      .filter(
        ({ ms, passport }) =>
          passport.device !== peer && now - ms < FORWARD_MAX_AGE_MS + PRESENCE_INTERVAL_MS,
      )
      .sort((a, b) => b.ms - a.ms)
      .slice(0, MAX_PRESENCE_SYNC)
    for (const { signed } of fresh) link.send(encodeFrame({ t: 'presence', ...signed }))
    this.#report({ t: 'connection' })
  }

  /** Whoever lost us may believe that we left, and those they told: our word reaches them another way. */
  #unlinked(peer: DeviceId): void {
    this.#intake.detach(peer)
    this.#roster.unlinked(peer)
    this.#announceSoon()
    this.#report({ t: 'connection' })
  }

  #announceSoon(): void {
    if (this.#isLeaving) return
    this.#cancelAnnouncement ??= this.#world.clock.after(ANNOUNCE_AGAIN_MS, () => {
      this.#cancelAnnouncement = undefined
      this.announce()
    })
  }

  #heardFromRoom(message: ToMember): void {
    switch (message.t) {
      case 'welcome':
        // The clock may have been wrong until now, and with it what we said of ourselves.
        this.#world.onServerTime(message.now)
        this.announce()
        return this.#mesh.step({ t: 'introduced', peers: message.members })
      case 'introduced':
        return this.#mesh.step({ t: 'introduced', peers: message.members })
      case 'signal':
        return void this.#mesh.receiveSignal(message.from, message.data)
      case 'absent':
        return this.#mesh.absent(message.device)
    }
  }

  #file(message: LoggedMessage, reach?: number): void {
    if (this.log.add(message)) this.#report({ t: 'message', message, ...(reach !== undefined && { reach }) })
  }

  #count(fault: FrameFault | SignalFault): void {
    this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1)
  }
}
