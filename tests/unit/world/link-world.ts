import type { IceServers } from '../../../protocol/api'
import type { DeviceId } from '../../../protocol/device'
import { PROTOCOL_VERSION } from '../../../protocol/limits'
import { channelRoom } from '../../../protocol/room-id'
import type { Signal } from '../../../protocol/signal'
import type { Link } from '../../../services/mesh/link'
import { MeshLinks } from '../../../services/mesh/mesh-links'
import type { MeshFault } from '../../../services/mesh/mesh-wiring'
import { Signalling } from '../../../services/mesh/signalling'
import { Passports } from '../../../services/passports'
import { MemoryNetwork, type OwnLinks } from './memory-links'
import { type Person, Registrar } from './registrar'
import { VirtualClock } from './virtual-clock'

type Bytes = Uint8Array<ArrayBuffer>

const ROOM = channelRoom('somechannel')
export const TURN: IceServers = [
  { urls: ['stun:203.0.112.9:3478', 'turn:203.0.112.9:3478'], username: 'u', credential: 'c' },
]

export interface Terms {
  direct: boolean
  iceServers: IceServers
}

/** One viewer's links, without a room around them. */
export interface Linker {
  person: Person
  mesh: MeshLinks
  links: OwnLinks
  terms: Terms
  received: string[]
  linked: Map<DeviceId, Link>
  unlinked: DeviceId[]
  faults: [MeshFault, DeviceId][]
  /** Whose signals came through as they were signed. */
  verified: DeviceId[]
  /** Whether the room's socket is open. */
  isOnline: boolean
}

/** Viewers whose signals and sealed frames go through one hand, which records them and may change them. */
export class LinkWorld {
  readonly clock = new VirtualClock()
  readonly network = new MemoryNetwork()
  readonly linkers: Linker[] = []
  /** What was sent, as it was before it was sealed. */
  readonly signals: Signal[] = []
  /** The same, as anybody on the way sees it. */
  readonly envelopes: Bytes[] = []
  readonly #plain = new WeakMap<Bytes, Signal>()
  /** Devices with a socket, and nobody behind it. */
  readonly silent = new Set<DeviceId>()
  readonly hubFrames: { from: DeviceId; to: DeviceId; bytes: Bytes }[] = []
  tamperSignal: (bytes: Bytes, from: DeviceId, to: DeviceId) => Bytes | undefined | Promise<Bytes> = (
    bytes,
  ) => bytes
  /** What is delivered for one frame. */
  tamperHub = (bytes: Bytes, _from: DeviceId, _to: DeviceId): Bytes[] => [bytes]
  readonly #registrar: Registrar

  private constructor(registrar: Registrar) {
    this.#registrar = registrar
  }

  /** `registrar`: whose passports count; one of its own without. */
  static async create(registrar?: Registrar): Promise<LinkWorld> {
    return new LinkWorld(registrar ?? (await Registrar.open()))
  }

  /** The first two have ids in ascending order: the first one's offers stand. */
  async pair(one: Partial<Terms>, other: Partial<Terms>): Promise<[Linker, Linker]> {
    const people = [await this.#registrar.person('AdaOtter12'), await this.#registrar.person('BenHeron34')]
    const [ada, ben] = people.sort((a, b) => (a.device < b.device ? -1 : 1))
    if (!ada || !ben) throw new Error('no pair')
    return [await this.add(ada, one), await this.add(ben, other)]
  }

  async add(person: Person, { direct = false, iceServers = [] }: Partial<Terms>): Promise<Linker> {
    const { clock } = this
    const me = person.device
    const passport = await this.#registrar.passport(person, clock.now())
    const passports = new Passports(clock, this.#registrar.jwks, async () => this.#registrar.jwks)
    const links = this.network.forOne()
    const linker: Linker = {
      person,
      links,
      terms: { direct, iceServers },
      received: [],
      linked: new Map(),
      unlinked: [],
      faults: [],
      verified: [],
      isOnline: true,
      mesh: new MeshLinks({
        me,
        room: ROOM,
        clock,
        random: () => 0.5,
        signalling: new RecordedSignalling(
          {
            room: ROOM,
            signer: person.signer,
            opener: person.opener,
            clock,
            passport: () => passport,
            verifyPassport: (jwt) => passports.verify(jwt),
          },
          (envelope, to, nonce, statement) =>
            this.#plain.set(envelope, {
              v: PROTOCOL_VERSION,
              room: ROOM,
              from: me,
              to,
              nonce,
              ms: clock.now(),
              passport,
              ...statement,
            }),
        ),
        links,
        direct: () => linker.terms.direct,
        iceServers: () => linker.terms.iceServers,
        sendSignal: (to, bytes) => this.#passSignal(linker, to, bytes),
        sendHub: (to, bytes) => this.#passHub(linker, to, bytes),
        askForIntroductions: () => {},
        isShunned: () => false,
        isUnwanted: () => false,
        onLink: (peer, link) => {
          linker.linked.set(peer, link)
          link.onFrame = (frame) => linker.received.push(new TextDecoder().decode(frame))
        },
        onUnlink: (peer) => {
          linker.linked.delete(peer)
          linker.unlinked.push(peer)
        },
        onKindChange: () => {},
        onVerified: (from) => linker.verified.push(from),
        onFault: (fault, from) => linker.faults.push([fault, from]),
      }),
    }
    this.linkers.push(linker)
    return linker
  }

  /** `one` is told of `other`, as by the room object. */
  introduce(one: Linker, other: Linker): void {
    one.mesh.step({ t: 'introduced', peers: [{ device: other.person.device, bucket: 'one' }] })
  }

  /** How two viewers are linked, if both think so. */
  kind(one: Linker, other: Linker): string | undefined {
    const [near, far] = [one.mesh.kinds.get(other.person.device), other.mesh.kinds.get(one.person.device)]
    return near === far ? near : undefined
  }

  close(): void {
    for (const { mesh } of this.linkers) mesh.close()
  }

  #find(device: DeviceId): Linker | undefined {
    return this.linkers.find(({ person, isOnline }) => person.device === device && isOnline)
  }

  #passSignal(from: Linker, to: DeviceId, bytes: Bytes): boolean {
    if (!from.isOnline) return false
    const plain = this.#plain.get(bytes)
    if (!plain) throw new Error('not made here')
    this.signals.push(plain)
    this.envelopes.push(bytes)
    const tampered = this.tamperSignal(bytes, from.person.device, to)
    setImmediate(async () => {
      const passed = await tampered
      const far = this.#find(to)
      if (!far) return this.silent.has(to) ? undefined : from.mesh.absent(to)
      if (passed) void far.mesh.receiveSignal(from.person.device, passed)
    })
    return true
  }

  #passHub(from: Linker, to: DeviceId, bytes: Bytes): boolean {
    if (!from.isOnline) return false
    this.hubFrames.push({ from: from.person.device, to, bytes })
    const passed = this.tamperHub(bytes, from.person.device, to)
    setImmediate(() => {
      const far = this.#find(to)
      if (!far) return this.silent.has(to) ? undefined : from.mesh.absent(to)
      for (const one of passed) far.mesh.receiveHub(from.person.device, one)
    })
    return true
  }
}

type Record = (envelope: Bytes, ...made: Parameters<Signalling['make']>) => void

/** Remembers what is inside the envelopes that it makes. */
class RecordedSignalling extends Signalling {
  readonly #record: Record

  constructor(wiring: ConstructorParameters<typeof Signalling>[0], record: Record) {
    super(wiring)
    this.#record = record
  }

  override async make(...made: Parameters<Signalling['make']>): Promise<Bytes> {
    const envelope = await super.make(...made)
    this.#record(envelope, ...made)
    return envelope
  }
}

export const text = (words: string): Bytes => new Uint8Array(new TextEncoder().encode(words))
