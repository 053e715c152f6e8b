import type { AccountId, DeviceId } from '../../protocol/device'
import type { Clock } from '../clock'
import { isTampering, type MeshFault } from '../mesh/mesh-wiring'

/** What looks like tampering has to look so for this long (ms): while somebody gets through, nothing is wrong with the way. */
export const SUSPICION_MS = 3_000
/** Where somebody gets through, so many accounts must fail to, and more than get through: one may send nonsense by itself. */
const MIN_ACCOUNTS = 3
/** What happened on the way is of interest for so long (ms). */
const LIFETIME_MS = 600_000
const MAX_SENDERS = 256

interface Wiring {
  clock: Clock
  /** How many links are open. */
  links(): number
  onChange(): void
}

/** Of a sender: it got through, its words came changed, or somebody else answered the handshake in its place. */
type Last = 'heard' | 'changed' | 'impersonated'

interface Sender {
  /** `undefined`: nobody knows whose device it is. All of those count as one account. */
  readonly account: AccountId | undefined
  readonly last: Last
  readonly at: number
}

/**
 * Whether somebody between us and the others changes what they send. Anybody can send nonsense under their own name; so
 * it takes that as good as nobody gets through, and ends as soon as somebody does.
 */
export class Tampering {
  readonly #wiring: Wiring
  /** What came of each sender's newest word. */
  readonly #senders = new Map<DeviceId, Sender>()
  readonly #doubted = new Set<DeviceId>()
  #isSuspected = false
  #cancelReview: (() => void) | undefined

  constructor(wiring: Wiring) {
    this.#wiring = wiring
  }

  get isSuspected(): boolean {
    return this.#isSuspected
  }

  /** Takes notice of a fault that came under the name of `from`, a device of `account` as far as is known. */
  noted(fault: MeshFault, from: DeviceId, account: AccountId | undefined): void {
    if (!isTampering(fault)) return
    // A handshake that failed may have been the network, once.
    if (fault === 'wrong-fingerprint' && !this.#doubted.has(from)) this.#doubt(from)
    else this.#note(from, account, fault === 'wrong-fingerprint' ? 'impersonated' : 'changed')
  }

  /** A signal of `from` came through as it was signed, which says nothing of who will answer the handshake. */
  heard(from: DeviceId, account: AccountId): void {
    if (this.#senders.get(from)?.last !== 'impersonated') this.#note(from, account, 'heard')
  }

  /** A link with `from` opened. */
  linked(from: DeviceId, account: AccountId | undefined): void {
    this.#doubted.delete(from)
    this.#note(from, account, 'heard')
  }

  close(): void {
    this.#cancelReview?.()
  }

  #doubt(from: DeviceId): void {
    if (this.#doubted.size < MAX_SENDERS) this.#doubted.add(from)
  }

  #note(from: DeviceId, account: AccountId | undefined, last: Last): void {
    this.#senders.delete(from)
    this.#senders.set(from, { account, last, at: this.#wiring.clock.now() })
    const [oldest] = this.#senders.size > MAX_SENDERS ? this.#senders.keys() : []
    if (oldest !== undefined) this.#senders.delete(oldest)
    if (!this.#looksBad()) this.#settle(false)
    else this.#cancelReview ??= this.#wiring.clock.after(SUSPICION_MS, () => this.#review())
  }

  #review(): void {
    this.#cancelReview = undefined
    const looksBad = this.#looksBad()
    // Again later: what is long ago is forgotten.
    if (looksBad) this.#cancelReview = this.#wiring.clock.after(SUSPICION_MS, () => this.#review())
    this.#settle(looksBad)
  }

  #settle(isSuspected: boolean): void {
    if (!isSuspected) {
      this.#cancelReview?.()
      this.#cancelReview = undefined
    }
    if (this.#isSuspected === isSuspected) return
    this.#isSuspected = isSuspected
    this.#wiring.onChange()
  }

  #looksBad(): boolean {
    const failing = this.#accounts(false)
    const heard = Math.max(this.#accounts(true), this.#wiring.links())
    return heard === 0 ? failing > 0 : failing >= MIN_ACCOUNTS && failing > heard
  }

  #accounts(isHeard: boolean): number {
    const now = this.#wiring.clock.now()
    const senders = [...this.#senders.values()].filter(
      (sender) => (sender.last === 'heard') === isHeard && Math.abs(now - sender.at) < LIFETIME_MS,
    )
    return new Set(senders.map(({ account }) => account)).size
  }
}
