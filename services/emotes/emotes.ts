import {
  EMOTE_APIS,
  EMOTE_PROVIDERS,
  type EmoteProvider,
  type EmotesView,
  NO_EMOTES,
} from '../../protocol/emotes'
import type { Clock, Random } from '../clock'
import { type AskProvider, Pace } from './asking'
import { EmoteSlot } from './emote-slot'
import type { EmoteCache } from './kept-set'
import { channelSources, type EmoteSource, globalSources, roomSource } from './sources'

/** Sets in memory: the global ones, and those of the channels that were looked at last. */
const MAX_SLOTS = 24
/** Answers that come within this time (ms) are told together. */
const GATHER_MS = 50
/** Nobody is told to ask again sooner (ms). */
const SOONEST_MS = 1_000

interface Wiring {
  clock: Clock
  random: Random
  ask: AskProvider
  cache: EmoteCache
  /** Whether the viewer agreed that the providers are asked. Rejecting is a no. */
  isAllowed(): Promise<boolean>
  /** What `view` says may be something else from now on. */
  onChange(): void
  apis?: Readonly<Record<EmoteProvider, string>>
}

/**
 * The emotes of channels, for a viewer who agreed to it. Each set comes and fails by itself; what was kept is shown at
 * once and renewed behind it. Nothing happens but when somebody looks.
 */
export class Emotes {
  readonly #wiring: Wiring
  readonly #apis: Readonly<Record<EmoteProvider, string>>
  readonly #slots = new Map<string, EmoteSlot>()
  #paces = this.#newPaces()
  #consent = new AbortController()
  #isForgotten = false
  #cancelTelling: (() => void) | undefined

  constructor(wiring: Wiring) {
    this.#wiring = wiring
    this.#apis = wiring.apis ?? EMOTE_APIS
  }

  /** What there is for a channel now. What has to be asked for first is told by `onChange`. Never rejects. */
  async view(login: string | null): Promise<EmotesView> {
    if (!(await this.#isAllowed())) {
      await this.#forget()
      return NO_EMOTES
    }
    this.#isForgotten = false
    const { signal } = this.#consent
    const room = login === null ? [] : await this.#loaded([roomSource(login, this.#apis)])
    const id = room[0]?.kept?.channelId
    const channel = id === undefined ? [] : await this.#loaded(channelSources(id, this.#apis))
    const slots = [...room, ...channel, ...(await this.#loaded(globalSources(this.#apis)))]
    if (signal.aborted) return NO_EMOTES
    for (const slot of slots) void slot.refresh()
    return this.#viewOf(slots)
  }

  /** The viewer agreed, or withdrew it: what was kept goes at once, and what is under way is called off. */
  async reconsider(): Promise<void> {
    if (!(await this.#isAllowed())) await this.#forget()
    this.#tell()
  }

  #viewOf(slots: readonly EmoteSlot[]): EmotesView {
    const sets = slots.flatMap(({ source: { provider, scope }, kept }) =>
      kept && kept.emotes.length > 0 ? { provider, scope, emotes: kept.emotes } : [],
    )
    const unreachable = EMOTE_PROVIDERS.filter((provider) =>
      slots.some((slot) => slot.source.provider === provider && slot.isFailing),
    )
    const due = Math.min(...slots.map((slot) => slot.dueAt())) - this.#wiring.clock.now()
    return { allowed: true, sets, unreachable, askAgainMs: Math.max(SOONEST_MS, due) }
  }

  async #loaded(sources: readonly EmoteSource[]): Promise<EmoteSlot[]> {
    const slots = sources.map((source) => this.#slot(source))
    await Promise.all(slots.map((slot) => slot.load()))
    return slots
  }

  /** Those looked at last are at the end. */
  #slot(source: EmoteSource): EmoteSlot {
    const { clock, random, ask, cache } = this.#wiring
    const slot =
      this.#slots.get(source.key) ??
      new EmoteSlot({
        source,
        clock,
        random,
        ask,
        cache,
        providerPace: this.#paces[source.provider],
        signal: this.#consent.signal,
        onChange: () => this.#tell(),
      })
    this.#slots.delete(source.key)
    this.#slots.set(source.key, slot)
    const [oldest] = this.#slots.keys()
    if (this.#slots.size > MAX_SLOTS && oldest !== undefined) this.#slots.delete(oldest)
    return slot
  }

  #isAllowed(): Promise<boolean> {
    return this.#wiring.isAllowed().catch(() => false)
  }

  async #forget(): Promise<void> {
    if (this.#isForgotten) return
    this.#isForgotten = true
    this.#consent.abort()
    this.#consent = new AbortController()
    this.#slots.clear()
    this.#paces = this.#newPaces()
    await this.#wiring.cache.clear().catch(() => {})
  }

  #tell(): void {
    this.#cancelTelling ??= this.#wiring.clock.after(GATHER_MS, () => {
      this.#cancelTelling = undefined
      this.#wiring.onChange()
    })
  }

  #newPaces(): Record<EmoteProvider, Pace> {
    const pace = () => new Pace(() => this.#wiring.random())
    return { ffz: pace(), bttv: pace(), '7tv': pace() }
  }
}
