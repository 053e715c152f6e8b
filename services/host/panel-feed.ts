import type { MembershipView, MessageView, RoomDelta, RoomSnapshot, RoomView } from '../../protocol/host-port'
import type { Clock } from '../clock'

/** Deltas are gathered this long: a crowd's messages cross the port in few pieces. */
export const BATCH_MS = 40
/** What a snapshot tells of who came and went. */
const MAX_NOTICES = 100

type Changed = RoomDelta['changed']

/** One panel's view: a snapshot on demand, then numbered deltas. */
export class PanelFeed {
  readonly #clock: Clock
  readonly #look: () => Omit<RoomView, 'notices'>
  readonly #send: (delta: RoomDelta) => void
  #seq = 0
  #notices: MembershipView[] = []
  #changed: Changed = {}
  #newMessages = new Map<string, MessageView>()
  #newNotices: MembershipView[] = []
  #cancelFlush: (() => void) | undefined

  /** `look` is asked for the view as it is then. */
  constructor(clock: Clock, look: () => Omit<RoomView, 'notices'>, send: (delta: RoomDelta) => void) {
    this.#clock = clock
    this.#look = look
    this.#send = send
  }

  /** Everything as it is now. Deltas that were still being gathered are part of it. */
  snapshot(): RoomSnapshot {
    this.#flush()
    return { seq: this.#seq, view: { ...this.#look(), notices: this.#notices } }
  }

  change(changed: Changed): void {
    this.#changed = { ...this.#changed, ...changed }
    this.#schedule()
  }

  /** A new message, or one of which something changed. */
  message(message: MessageView): void {
    this.#newMessages.set(message.id, message)
    this.#schedule()
  }

  notice(notice: MembershipView): void {
    this.#notices = [...this.#notices, notice].slice(-MAX_NOTICES)
    this.#newNotices.push(notice)
    this.#schedule()
  }

  /** Another room, another identity, messages gone: the whole view is new. Panels learn of it by a gap in the numbers. */
  reset(keepNotices = false): void {
    if (!keepNotices) this.#notices = []
    this.#forget()
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
      newMessages: [...this.#newMessages.values()],
      newNotices: this.#newNotices,
    }
    this.#forget()
    this.#send(delta)
  }

  #forget(): void {
    this.#changed = {}
    this.#newMessages = new Map()
    this.#newNotices = []
  }
}
