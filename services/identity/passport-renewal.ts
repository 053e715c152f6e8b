import type { Clock, Random } from '../clock'

/** However long a passport still serves, it is looked after about this often: a timer may sleep with the machine (ms). */
const LOOK_MS = 30 * 60_000
/** Pauses between tries to get one that is due, from at most the first to at most the last (ms). */
const FIRST_PAUSE_MS = 15_000
const LONGEST_PAUSE_MS = 10 * 60_000

interface Wiring {
  clock: Clock
  random: Random
  /** Asks for a passport; `follow` is called with what came of it, if anything did. */
  ask(): void
}

/**
 * Decides when the room host asks for a fresher passport: when the present one is due, which is long before it ends, and
 * then ever more slowly until there is one. Everything is jittered, so that those who lost the Worker together do not come
 * back together.
 */
export class PassportRenewal {
  readonly #wiring: Wiring
  #cancel = () => {}
  #inVain = 0

  constructor(wiring: Wiring) {
    this.#wiring = wiring
  }

  /** The passport in use is due at `renewAt` (ms); what is past was asked for in vain. */
  follow(renewAt: number): void {
    const { clock, random, ask } = this.#wiring
    this.stop()
    const left = renewAt - clock.now()
    this.#inVain = left > 0 ? 0 : this.#inVain + 1
    const ceiling = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(this.#inVain - 1, 16))
    const pause = left > 0 ? Math.min(left, LOOK_MS * (0.5 + random())) : ceiling * (0.5 + random() / 2)
    this.#cancel = clock.after(Math.ceil(pause), ask)
  }

  /** There is no passport to look after, or the asking has other reasons now. */
  stop(): void {
    this.#cancel()
    this.#cancel = () => {}
  }
}
