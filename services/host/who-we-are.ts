import type { Credentials } from '../../protocol/control'
import type { RoomView } from '../../protocol/host-port'
import type { RoomSession } from '../room/room-session'
import { connectionView } from './views'

/** Who this browser is, as far as the background could say, and whether there is a network at all. */
export class WhoWeAre {
  /** `undefined` until the background has said it; `null` when signed out. */
  #credentials: Credentials | null | undefined
  #isAskingInVain = false
  /** The browser believes in a network. */
  isOnline = true

  get isSignedIn(): boolean {
    return Boolean(this.#credentials)
  }

  /** As every panel shows it. */
  get me(): RoomView['me'] {
    if (!this.#credentials) return null
    const { accountId, displayName: name, avatar } = this.#credentials
    return { accountId, name, ...(avatar !== undefined && { avatar }) }
  }

  become(credentials: Credentials | null): void {
    this.#credentials = credentials
    this.#isAskingInVain = false
  }

  /** The background cannot say it: the Worker is needed for that, and away. */
  askedInVain(): void {
    this.#isAskingInVain = true
  }

  connection(session: RoomSession | undefined): RoomView['connection'] {
    return connectionView(session, {
      credentials: this.#credentials,
      isOnline: this.isOnline,
      isAskingInVain: this.#isAskingInVain,
    })
  }
}
