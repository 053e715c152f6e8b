import type { DeviceId } from '../../protocol/device'
import type { BroadcastFrame } from '../../protocol/frames'
import { MAX_PEOPLE_TYPING } from '../../protocol/limits'
import type { Typing } from '../../protocol/typing'
import type { Clock } from '../clock'
import type { Author } from '../room/author'
import { TypingNotifier } from './typing-notifier'
import { WritingMembers } from './writing-members'

interface Wiring {
  clock: Clock
  author: Author
  me: DeviceId
  /** How many people are here. */
  peopleCount(): number
  /** Tells the whole room. */
  publish(frame: BroadcastFrame): Promise<void>
  onChange(): void
}

/** Who is writing in a room: ourselves to the others, the others to us. Silent in a crowd. */
export class RoomTyping {
  readonly #wiring: Wiring
  readonly #notifier: TypingNotifier
  readonly #writing: WritingMembers
  #telling: Promise<unknown> = Promise.resolve()

  constructor(wiring: Wiring) {
    this.#wiring = wiring
    this.#writing = new WritingMembers(wiring)
    this.#notifier = new TypingNotifier({ clock: wiring.clock, tell: (writing) => this.#tell(writing) })
  }

  /** Devices of others that are writing, who began first in front. */
  get devices(): DeviceId[] {
    return this.#isCrowded ? [] : this.#writing.devices
  }

  /** Takes a checked statement. Returns whether it was news. */
  heard(typing: Typing): boolean {
    if (this.#isCrowded || typing.device === this.#wiring.me) return false
    return this.#writing.heard(typing)
  }

  /** A member said something, or left. */
  ended(device: DeviceId): void {
    this.#writing.ended(device)
  }

  /** Our viewer's composer changed. */
  changed(hasText: boolean): void {
    this.#notifier.changed(hasText)
  }

  said(): void {
    this.#notifier.said()
  }

  close(): void {
    this.#notifier.close()
    this.#writing.close()
  }

  get #isCrowded(): boolean {
    return this.#wiring.peopleCount() > MAX_PEOPLE_TYPING
  }

  #tell(writing: boolean): void {
    const { author, publish } = this.#wiring
    if (this.#isCrowded) return
    this.#telling = this.#telling
      .then(async () => {
        const { signed } = await author.typing(writing)
        await publish({ t: 'typing', ...signed })
      })
      // One word that could not be signed is not the last.
      .catch(() => {})
  }
}
