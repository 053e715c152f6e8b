import { messageId } from '../../protocol/message'
import type { HeldRuling } from '../../protocol/ruling'
import { decodeRuling } from '../../protocol/ruling'
import type { Clock } from '../clock'
import type { RoomArchive } from '../history/archive'

/** What is decided in a row is written once (ms). */
const PATIENCE_MS = 1_000

interface Wiring {
  clock: Clock
  archive: Pick<RoomArchive, 'rulings' | 'saveRulings'>
  all(): readonly HeldRuling[]
}

/** Keeps what was decided for a room with its history, so that it counts before anybody can tell it again. */
export class RulingKeeper {
  readonly #wiring: Wiring
  #cancel: (() => void) | undefined
  /** Before it is known what was kept, nothing takes its place. */
  #isLoaded = false

  constructor(wiring: Wiring) {
    this.#wiring = wiring
  }

  /** What an earlier run kept; nothing if it cannot be read. Whatever does not decode, of a newer version for one, is skipped. */
  async load(): Promise<HeldRuling[]> {
    const kept = await this.#wiring.archive.rulings().catch(() => [])
    this.#isLoaded = true
    const held: HeldRuling[] = []
    for (const signed of kept) {
      try {
        held.push({ id: await messageId(signed.bytes), ruling: decodeRuling(signed.bytes), signed })
      } catch {}
    }
    return held
  }

  /** Something was decided. */
  soon(): void {
    const { clock } = this.#wiring
    this.#cancel ??= clock.after(PATIENCE_MS, () => this.#save())
  }

  /** What is not written yet is, now. */
  close(): void {
    if (this.#cancel) this.#save()
  }

  #save(): void {
    this.#cancel?.()
    this.#cancel = undefined
    const { archive, all } = this.#wiring
    // Others can tell it again: storage that fails shows elsewhere.
    if (this.#isLoaded) void archive.saveRulings(all().map(({ signed }) => signed)).catch(() => {})
  }
}
