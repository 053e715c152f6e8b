import type { Attention as Wishes } from '../../protocol/attention'
import { channelRoom, type RoomId, roomLogin } from '../../protocol/room-id'
import type { Attention } from '../attention/attention'
import { hear } from '../attention/room-calls'
import type { Clock } from '../clock'
import type { LoggedMessage } from '../log/logged-message'
import type { RoomSession } from '../room/room-session'
import { AwayWatch } from './away'
import type { Tab, TabPages } from './tab-pages'

interface Wiring {
  clock: Clock
  pages: TabPages
  attention: Attention | undefined
  /** The panels of all tabs are folded away. */
  isCollapsed(): boolean
  onAway(room: RoomId, away: boolean): void
}

/** Which rooms the viewer has in sight: who has none is away, and is called where somebody names them. */
export class InSight {
  readonly #pages: TabPages
  readonly #attention: Attention | undefined
  readonly #isCollapsed: () => boolean
  readonly #away: AwayWatch

  constructor({ clock, pages, attention, isCollapsed, onAway }: Wiring) {
    this.#pages = pages
    this.#attention = attention
    this.#isCollapsed = isCollapsed
    this.#away = new AwayWatch({ clock, onChange: onAway })
  }

  isAway(room: RoomId): boolean {
    return this.#away.isAway(room)
  }

  /** The pages of a channel changed: whether any of its tabs is in sight decides whether the viewer is away. */
  watch(login: string | null): void {
    if (login === null) return
    this.#look(login)
    const room = channelRoom(login)
    if (this.#pages.isOpen(login)) return this.#away.see(room, this.#pages.isVisible(login))
    this.#attention?.forget(room)
    this.#away.forget(room)
  }

  /** Panels were folded away, or opened. */
  lookAround(): void {
    for (const { login } of this.#pages.all) if (login !== null) this.#look(login)
  }

  /** The viewer says that they are away, or back. */
  declare(tab: Tab, away: boolean): void {
    const login = this.#pages.loginOf(tab)
    if (login !== null) this.#away.declare(channelRoom(login), away)
  }

  /** What the viewer wants to be called by, and how. */
  attend(wishes: Readonly<Wishes>, title: string): void {
    this.#attention?.want(wishes, title)
  }

  /** Something was said that may call the viewer, who is called `me`. */
  hear(room: RoomId, message: LoggedMessage, session: RoomSession, me: string | undefined): void {
    const login = roomLogin(room)
    const tab = this.#pages.tabOf(login)
    if (!this.#attention || tab === undefined || me === undefined) return
    hear(this.#attention, message, session, { room, tab, me, inView: this.#isInView(login) })
  }

  /** The viewer is somebody else now. */
  forgetCalls(): void {
    for (const { login } of this.#pages.all) if (login !== null) this.#attention?.forget(channelRoom(login))
  }

  /** Whatever called the viewer in a room is seen with the room. */
  #look(login: string): void {
    if (this.#isInView(login)) this.#attention?.seen(channelRoom(login))
  }

  #isInView(login: string): boolean {
    return !this.#isCollapsed() && this.#pages.isVisible(login)
  }
}
