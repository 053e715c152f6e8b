import type { MembershipView, MessageView, RoomDelta, RoomSnapshot, RoomView } from '../../protocol/host-port'
import type { Clock } from '../clock'

/** Deltas are gathered this long: a crowd's messages cross the port in few pieces. */
export const BATCH_MS = 40
/** What a snapshot holds at most. */
const MAX_MESSAGES = 1_000
const MAX_NOTICES = 100

type Changed = RoomDelta['changed']

/** One panel's view: a snapshot on demand, then numbered deltas. */
export class PanelFeed {
  readonly #clock: Clock
  readonly #send: (delta: RoomDelta) => void
  #view: Omit<RoomView, 'messages'>
  #messages: MessageView[]
  #seq = 0
  #changed: Changed = {}
  #newMessages: MessageView[] = []
  #newNotices: MembershipView[] = []
  #cancelFlush: (() => void) | undefined

  constructor(clock: Clock, view: RoomView, send: (delta: RoomDelta) => void) {
    this.#clock = clock
    const { messages, ...rest } = view
    this.#view = rest
    this.#messages = [...messages]
    this.#send = send
  }

  get login(): string | null {
    return this.#view.login
  }

  /** Everything as it is now. Deltas that were still being gathered are part of it. */
  snapshot(): RoomSnapshot {
    this.#flush()
    return { seq: this.#seq, view: { ...this.#view, messages: [...this.#messages] } }
  }

  change(changed: Changed): void {
    this.#view = { ...this.#view, ...changed }
    this.#changed = { ...this.#changed, ...changed }
    this.#schedule()
  }

  message(message: MessageView): void {
    let at = this.#messages.length
    while (at > 0 && (this.#messages[at - 1]?.ms ?? 0) > message.ms) at--
    this.#messages.splice(at, 0, message)
    if (this.#messages.length > MAX_MESSAGES) this.#messages.shift()
    this.#newMessages.push(message)
    this.#schedule()
  }

  notice(notice: MembershipView): void {
    this.#view = { ...this.#view, notices: [...this.#view.notices, notice].slice(-MAX_NOTICES) }
    this.#newNotices.push(notice)
    this.#schedule()
  }

  /** Another room, another identity: replaces the whole view. Panels learn of it by a gap in the numbers. */
  reset(view: RoomView): void {
    const { messages, ...rest } = view
    this.#view = rest
    this.#messages = [...messages]
    this.#changed = {}
    this.#newMessages = []
    this.#newNotices = []
    this.#seq++
    this.#schedule()
  }

  close(): void {
    this.#cancelFlush?.()
  }

  #schedule(): void {
    this.#cancelFlush ??= this.#clock.after(BATCH_MS, () => this.#flush())
  }

  #flush(): void {
    if (!this.#cancelFlush) return
    this.#cancelFlush()
    this.#cancelFlush = undefined
    this.#seq++
    const delta = {
      seq: this.#seq,
      changed: this.#changed,
      newMessages: this.#newMessages,
      newNotices: this.#newNotices,
    }
    this.#changed = {}
    this.#newMessages = []
    this.#newNotices = []
    this.#send(delta)
  }
}
