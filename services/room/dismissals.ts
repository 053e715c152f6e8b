import type { AccountId, DeviceId } from '../../protocol/device'
import type { Revocation } from '../../protocol/revocation'
import type { Clock } from '../clock'
import type { Admission } from './admission'
import type { RoomPeople } from './room-people'
import type { RoomTalk } from './room-talk'

/** Closing a link at once would drop what it has not sent yet (ms). */
export const GOODBYE_MS = 300

interface Wiring {
  clock: Clock
  me: DeviceId
  account(): AccountId
  admission(): Pick<Admission, 'has' | 'rulings'>
  people(): Pick<RoomPeople, 'dismissed' | 'member'>
  talk(): Pick<RoomTalk, 'dropBarred'>
  /** No link is wanted with a device any more. */
  drop(device: DeviceId): void
  /** The Worker says something of our account that our passport does not. */
  onOutdated(): void
}

/** Sees off those who may not be in the room any more, and what they said while they might not. */
export class Dismissals {
  readonly #wiring: Wiring
  /** Who had to go when something was decided last: a link that was begun before may open still. */
  #last: ReadonlySet<DeviceId> = new Set()
  readonly #timers = new Set<() => void>()

  constructor(wiring: Wiring) {
    this.#wiring = wiring
  }

  /** The Worker revoked passports, `devices` among their bearers. */
  revoked({ sub, device }: Revocation, devices: readonly DeviceId[]): void {
    const { me, account, people, talk, drop, onOutdated } = this.#wiring
    const isEnded = device === undefined
    people().dismissed(devices, isEnded ? 'ended' : 'left')
    for (const peer of devices) drop(peer)
    talk().dropBarred(() => false)
    const isOurs = sub === account() && (isEnded || device === me)
    // An old one, from before we were let in again, says nothing new.
    if (isOurs && !people().member(me)) onOutdated()
  }

  /** Something was decided, and `devices` may take part no more. Their links end when they have heard why. */
  ruled(devices: readonly DeviceId[]): void {
    const { me, admission, people, talk } = this.#wiring
    this.#last = new Set(devices.filter((device) => device !== me))
    people().dismissed([...this.#last])
    // What moderators took out is not said again.
    talk().dropBarred((message) => !admission().rulings.moderation.voids(message))
    this.#dropSoon([...this.#last])
  }

  /** A link to `peer` is up. */
  linked(peer: DeviceId): void {
    if (this.#last.has(peer)) this.#dropSoon([peer])
  }

  close(): void {
    for (const cancel of this.#timers) cancel()
    this.#timers.clear()
  }

  /** Unless they are let in again until then. */
  #dropSoon(devices: readonly DeviceId[]): void {
    if (devices.length === 0) return
    const { clock, admission, drop } = this.#wiring
    const cancel = clock.after(GOODBYE_MS, () => {
      this.#timers.delete(cancel)
      for (const peer of devices) if (!admission().has(peer)) drop(peer)
    })
    this.#timers.add(cancel)
  }
}
