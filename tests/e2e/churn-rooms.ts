import type { DeviceId } from '../../protocol/device'
import type { RoomId } from '../../protocol/room-id'
import type { Clock } from '../../services/clock'
import type { LinkMaker } from '../../services/mesh/link'
import { MeshLinks } from '../../services/mesh/mesh-links'
import { Signalling } from '../../services/mesh/signalling'
import { Passports } from '../../services/passports'
import type { Registrar } from '../unit/world/registrar'

const ROOM: RoomId = 'twitch:revolvingdoor'
/** Whoever comes and goes so fast would run into limits that are for viewers: a second here is an eighth of one. */
const SPEED = 8
const SIZE = 3
/** What somebody waits for before somebody leaves, at the longest (ms). */
const PATIENCE_MS = 2_000
const clock: Clock = {
  now: () => Math.floor(1_800_000_000_000 + performance.now() * SPEED),
  after: (ms, task) => {
    const timer = setTimeout(task, ms / SPEED)
    return () => clearTimeout(timer)
  },
}

interface Guest {
  readonly device: DeviceId
  /** What signals for it are sealed under. */
  readonly key: Uint8Array
  readonly mesh: MeshLinks
  /** Signals of it and for it that were passed on. */
  signals: number
}

/** Until when a newcomer waits; then somebody leaves. */
const MOMENTS: readonly ((guest: Guest) => boolean)[] = [
  () => true,
  ({ signals }) => signals > 0,
  ({ signals }) => signals > 1,
  ({ signals }) => signals > 2,
  ({ mesh }) => mesh.peers.length > 0,
  ({ mesh }) => directLinks(mesh) > 0,
  ({ mesh }) => directLinks(mesh) === SIZE - 1,
]
export const MOMENT_COUNT = MOMENTS.length

const directLinks = (mesh: MeshLinks) => [...mesh.kinds.values()].filter((kind) => kind !== 'hub').length

export async function until(condition: () => boolean, ms = PATIENCE_MS): Promise<boolean> {
  const end = performance.now() + ms
  while (!condition() && performance.now() < end) await new Promise((done) => setTimeout(done, 4))
  return condition()
}

/** A room of three through whose door somebody comes and somebody goes all the time; signals are passed on in memory. */
export class RevolvingRoom {
  readonly #registrar: Registrar
  readonly #links: LinkMaker
  readonly #guests = new Map<DeviceId, Guest>()

  constructor(registrar: Registrar, links: LinkMaker) {
    this.#registrar = registrar
    this.#links = links
  }

  /** Ends of links between browsers, which are connections. */
  get ends(): number {
    return [...this.#guests.values()].reduce((sum, { mesh }) => sum + directLinks(mesh), 0)
  }

  get isWhole(): boolean {
    return [...this.#guests.values()].every(({ mesh }) => directLinks(mesh) === this.#guests.size - 1)
  }

  /**
   * Somebody comes, and at another moment each turn somebody leaves: the same one, or who was here longest. Returns
   * whether that moment came.
   */
  async turn(number: number): Promise<boolean> {
    await this.fill(SIZE - 1)
    const newcomer = await this.#enter(number % 2 === 0)
    const hasCome = await until(() => MOMENTS[number % MOMENTS.length]?.(newcomer) ?? false)
    const [longest] = this.#guests.values()
    // Browsers that die say no goodbye.
    this.#leave(number % 3 === 0 && longest ? longest : newcomer, number % 8 !== 0)
    return hasCome
  }

  async fill(size = SIZE): Promise<void> {
    while (this.#guests.size < size) await this.#enter(true)
  }

  empty(): void {
    for (const guest of [...this.#guests.values()]) this.#leave(guest, false)
  }

  /** `isKnown`: whether all know of each other's consent; without, they meet through the room object first. */
  async #enter(isKnown: boolean): Promise<Guest> {
    const person = await this.#registrar.person('RevolvingOtter')
    const passport = await this.#registrar.passport(person, clock.now())
    const { jwks } = this.#registrar
    const passports = new Passports(clock, jwks, async () => jwks)
    const me = person.device
    const guest: Guest = {
      device: me,
      key: person.opener.key,
      signals: 0,
      mesh: new MeshLinks({
        me,
        room: ROOM,
        clock,
        random: Math.random,
        signalling: new Signalling({
          room: ROOM,
          signer: person.signer,
          opener: person.opener,
          clock,
          passport: () => passport,
          verifyPassport: (jwt) => passports.verify(jwt),
        }),
        links: this.#links,
        direct: () => true,
        iceServers: () => [],
        sendSignal: (to, envelope) => this.#pass(guest, to, (far) => far.mesh.receiveSignal(me, envelope)),
        sendHub: (to, bytes) => this.#pass(guest, to, async (far) => far.mesh.receiveHub(me, bytes)),
        askForIntroductions: () => this.#introduce(guest),
        isShunned: () => false,
        isUnwanted: () => false,
        onLink: () => {},
        onUnlink: () => {},
        onKindChange: () => {},
        onVerified: () => {},
        onFault: () => {},
      }),
    }
    for (const other of isKnown ? this.#guests.values() : []) {
      other.mesh.heardConsent(me, true, clock.now(), guest.key)
      guest.mesh.heardConsent(other.device, true, clock.now(), other.key)
    }
    this.#guests.set(me, guest)
    this.#introduce(guest)
    return guest
  }

  #introduce({ device, mesh }: Guest): void {
    const others = [...this.#guests.keys()].filter((other) => other !== device)
    mesh.step({ t: 'introduced', peers: others.map((other) => ({ device: other, bucket: 'one' })) })
  }

  #leave(guest: Guest, saysGoodbye: boolean): void {
    this.#guests.delete(guest.device)
    guest.mesh.close()
    for (const { mesh } of saysGoodbye ? this.#guests.values() : [])
      mesh.step({ t: 'gone', peer: guest.device })
  }

  #pass(from: Guest, to: DeviceId, deliver: (far: Guest) => Promise<void>): boolean {
    if (!this.#guests.has(from.device)) return false
    setTimeout(() => {
      const far = this.#guests.get(to)
      if (!far) return from.mesh.absent(to)
      for (const end of [from, far]) end.signals++
      void deliver(far)
    })
    return true
  }
}
