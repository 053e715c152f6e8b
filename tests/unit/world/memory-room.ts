import { termsIn } from '../../../protocol/consent'
import { type AccountId, type DeviceId, devicePublicKey } from '../../../protocol/device'
import { MAX_INTRODUCTIONS } from '../../../protocol/limits'
import type { MessageId, SignedBytes } from '../../../protocol/message'
import {
  decodeFromMember,
  encodeToMember,
  type Introduction,
  type NetworkBucket,
  networkBucketOf,
  SocketClose,
  type ToMember,
} from '../../../protocol/room-socket'
import { decodeRuling } from '../../../protocol/ruling'
import { RulingHistory } from '../../../protocol/ruling-history'
import type { OpenSocket, SocketEvents } from '../../../services/room/introducer'
import type { VirtualClock } from './virtual-clock'

/** Members that somebody was told of lately, as in the Worker. */
const MAX_TOLD = 32

/** A room object within this process: introduces and passes signals on, like the Worker's. */
export class MemoryRoom {
  readonly #clock: VirtualClock
  readonly #sockets = new Map<DeviceId, SocketEvents>()
  readonly #terms = new Map<DeviceId, Pick<Introduction, 'direct' | 'consent'>>()
  readonly #told = new Map<DeviceId, Set<DeviceId>>()
  /** Every sealed frame that was passed on. */
  readonly hubTraffic: Uint8Array[] = []
  readonly #revocations: string[] = []
  readonly #accounts = new Map<DeviceId, AccountId>()
  readonly #linked = new Map<DeviceId, boolean>()
  /** What members had it remember, the newest last. */
  readonly rulings: SignedBytes[] = []
  readonly #history = new RulingHistory()
  /** A room object that was told nothing, or does not do what it was told. */
  isForgetful = false
  /** A Worker that is gone refuses every connection. */
  isDown = false
  /** Says of everybody that they agreed to direct links. */
  isLying = false
  /** Which key is named in the place of a member's; `undefined`: the member's consent is kept back with it. */
  swapKey = (seal: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | undefined => seal
  /** Which network a member is of: each of its own, unless a test says otherwise. */
  bucketOf = (device: DeviceId): NetworkBucket => networkBucketOf(devicePublicKey(device).subarray(0, 8))
  /** Lets a test change what is passed on; `undefined` swallows it. */
  tamper = (
    data: Uint8Array<ArrayBuffer>,
    _from: DeviceId,
    _to: DeviceId,
  ): Uint8Array<ArrayBuffer> | undefined => data

  constructor(clock: VirtualClock) {
    this.#clock = clock
  }

  /** The socket of one member. `isLinked`: what the Worker knows of the account, and says in the ticket. */
  socketFor(device: DeviceId, isLinked: () => boolean, account?: AccountId): OpenSocket {
    if (account !== undefined) this.#accounts.set(device, account)
    return (pass, events) => {
      const shown = pass.protocols.map(termsIn).find((terms) => terms !== undefined)
      setImmediate(() => {
        if (this.isDown) return events.onClose(1006)
        this.#sockets.set(device, events)
        if (shown)
          this.#terms.set(device, {
            direct: shown.direct,
            consent: { ms: shown.ms, seal: shown.seal, sig: shown.sig },
          })
        const wasLinked = isLinked()
        this.#linked.set(device, wasLinked)
        events.onOpen()
        if (this.#isLinkedOnly && !wasLinked) return this.#refuse(device)
        const ban = this.#banOf(device)
        if (ban) return this.#refuse(device, ban, SocketClose.banned)
        this.#tell(device, {
          t: 'welcome',
          now: this.#clock.now(),
          members: this.#others(device),
          sockets: this.#sockets.size,
        })
        if (this.#revocations.length > 0) this.#tell(device, { t: 'revoked', revocations: this.#revocations })
        if (!this.isForgetful)
          for (const ruling of this.rulings) this.#tell(device, { t: 'ruled', ...ruling })
      })
      return {
        send: (data) => {
          if (typeof data !== 'string') this.#take(device, data)
          else if (this.#sockets.get(device) === events) setImmediate(() => events.onPong())
        },
        close: () => this.#sockets.get(device) === events && this.#sockets.delete(device),
      }
    }
  }

  /** The Worker has a revocation told, to everybody or, if the others' sockets are silent, to `some`. */
  revoke(jwt: string, some: readonly DeviceId[] = [...this.#sockets.keys()]): void {
    this.#revocations.push(jwt)
    for (const device of some) this.#tell(device, { t: 'revoked', revocations: [jwt] })
  }

  /** What the room object remembered is gone. */
  forgetRevocations(): void {
    this.#revocations.length = 0
  }

  /** The Worker dies: every socket breaks. */
  crash(): void {
    this.isDown = true
    const sockets = [...this.#sockets.values()]
    this.#sockets.clear()
    for (const { onClose } of sockets) onClose(1006)
  }

  /** A member's machine is gone: its socket says nothing any more. */
  drop(device: DeviceId): void {
    this.#sockets.delete(device)
  }

  /** Speaks to a member as the room object would. */
  deliver(to: DeviceId, from: DeviceId, data: Uint8Array<ArrayBuffer>): void {
    this.#tell(to, { t: 'signal', from, bucket: this.bucketOf(from), data })
  }

  #take(from: DeviceId, data: Uint8Array): void {
    const message = decodeFromMember(data)
    if (message.t === 'introduce') return this.#tell(from, { t: 'introduced', members: this.#others(from) })
    if (message.t === 'terms') {
      const { t: _, ...terms } = message
      return void this.#terms.set(from, terms)
    }
    if (message.t === 'rule') return this.#rule({ bytes: message.bytes, sig: message.sig })
    // It tells all there is, unasked.
    if (message.t === 'tell') return
    if (!this.#sockets.has(message.to)) return this.#tell(from, { t: 'absent', device: message.to })
    if (message.t === 'hub') {
      this.hubTraffic.push(message.data)
      return this.#tell(message.to, { t: 'hub', from, data: message.data })
    }
    const passed = this.tamper(new Uint8Array(message.data), from, message.to)
    if (passed) this.deliver(message.to, from, passed)
  }

  get #isLinkedOnly(): boolean {
    // One that somebody tells once more, when it is not the newest any more, counts for nothing.
    const newest = this.#history.all.find(({ ruling }) => ruling.act === 'linked-only')?.ruling
    return !this.isForgetful && newest?.act === 'linked-only' && newest.on
  }

  /** Members check it: this one is as gullible as a room object may be. */
  #rule(ruling: SignedBytes): void {
    this.rulings.push(ruling)
    const id = `${this.rulings.length}` as MessageId
    this.#history.add({ id, ruling: decodeRuling(ruling.bytes), signed: ruling })
    if (this.isForgetful) return
    for (const device of this.#sockets.keys()) this.#tell(device, { t: 'ruled', ...ruling })
    for (const device of this.#sockets.keys()) {
      const ban = this.#banOf(device)
      if (ban) this.#refuse(device, ban, SocketClose.banned)
    }
    if (!this.#isLinkedOnly) return
    for (const device of this.#sockets.keys()) if (!this.#linked.get(device)) this.#refuse(device)
  }

  /** The ban under which a member's account may not come in, if it is banned. */
  #banOf(device: DeviceId): SignedBytes | undefined {
    const account = this.#accounts.get(device)
    if (this.isForgetful || account === undefined) return undefined
    const ban = this.#history.moderation.barsOf(account).find(({ act }) => act === 'ban')
    return this.#history.all.find(({ ruling }) => ruling === ban)?.signed
  }

  #refuse(device: DeviceId, ruling = this.rulings.at(-1), code: number = SocketClose.unlinked): void {
    const events = this.#sockets.get(device)
    if (ruling) this.#tell(device, { t: 'ruled', ...ruling })
    setImmediate(() => {
      if (this.#sockets.get(device) !== events) return
      this.#sockets.delete(device)
      events?.onClose(code)
    })
  }

  /** By chance, and those first whom this member was not told of lately. */
  #others(device: DeviceId): Introduction[] {
    const told = this.#told.get(device) ?? new Set<DeviceId>()
    const drawn = [...this.#sockets.keys()]
      .filter((other) => other !== device)
      .map((other) => ({ other, rank: (told.has(other) ? 1 : 0) + Math.random() }))
      .sort((a, b) => a.rank - b.rank)
      .slice(0, MAX_INTRODUCTIONS)
      .map(({ other }) => other)
    this.#told.set(device, new Set([...told, ...drawn].slice(-MAX_TOLD)))
    return drawn.map((other) => {
      const { direct = false, consent } = this.#terms.get(other) ?? {}
      const seal = consent && this.swapKey(consent.seal)
      return {
        device: other,
        bucket: this.bucketOf(other),
        direct: this.isLying || direct,
        ...(consent && seal && { consent: { ...consent, seal } }),
      }
    })
  }

  #tell(to: DeviceId, message: ToMember): void {
    setImmediate(() => this.#sockets.get(to)?.onMessage(encodeToMember(message)))
  }
}
