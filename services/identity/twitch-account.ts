import type { TwitchLink } from '../../protocol/api'
import { ControlError, type ControlErrorCode, type RolePass, type TwitchView } from '../../protocol/control'
import { type RoomId, roomLogin } from '../../protocol/room-id'
import type { Identity } from './identity'
import type { WorkerApi } from './worker-api'

/** Without a linked account there is nothing to ask; linking it is told otherwise (ms). */
const NO_ROLE_MS = 60 * 60_000

/** A window of the browser's in which another site says who somebody is. */
export interface WebAuth {
  /** Where a flow of this extension ends. */
  redirectUrl(): string
  /** Opens `url` and resolves with the URL it ended at; `undefined` if the viewer closed the window. */
  launch(url: string): Promise<string | undefined>
}

interface Wiring {
  worker: Pick<WorkerApi, 'twitch' | 'beginTwitch' | 'linkTwitch' | 'unlinkTwitch' | 'showTwitch' | 'role'>
  identity: Pick<Identity, 'asMember' | 'renewPassport' | 'twitch' | 'noteBroadcaster'>
  webAuth: WebAuth
  now(): number
  /** A try to link is over, or the link has changed. */
  onChange(): void
}

/** The viewer's Twitch account: linking it, showing it, what it is in a room. */
export class TwitchAccount {
  readonly #wiring: Wiring
  /** The try that is under way. */
  #flow: Promise<void> | undefined
  /** How the last one ended, until the next. */
  #problem: ControlErrorCode | null = null

  constructor(wiring: Wiring) {
    this.#wiring = wiring
  }

  /** As the Worker says; as it was last known while the Worker cannot be reached. */
  async view(): Promise<TwitchView> {
    if (this.#flow) return { state: 'waiting' }
    const { worker, identity } = this.#wiring
    const known = await identity.twitch()
    try {
      const { available, link } = await identity.asMember(() => worker.twitch())
      // Changed on another device, or at Twitch, and not in our passport yet.
      if (!isSame(link, known)) void identity.renewPassport()
      return this.#viewOf(link, available)
    } catch (error) {
      if (!(error instanceof ControlError) || error.code !== 'worker_unreachable' || !known) throw error
      return this.#viewOf(known, true)
    }
  }

  /** Begins; resolves with `waiting` once Twitch's page is being opened. Rejects where it cannot even be begun. */
  async link(): Promise<TwitchView> {
    if (this.#flow) return { state: 'waiting' }
    const { worker, identity, webAuth, onChange } = this.#wiring
    this.#problem = null
    const begun = identity.asMember(() => worker.beginTwitch(webAuth.redirectUrl()))
    // From here on others wait, also while the Worker is being asked.
    const flow = begun
      .then((url) => this.#finish(url))
      .catch((error: unknown) => {
        this.#problem = error instanceof ControlError ? error.code : 'internal'
      })
      .finally(() => {
        this.#flow = undefined
        onChange()
      })
    this.#flow = flow
    await begun
    return { state: 'waiting' }
  }

  async unlink(): Promise<TwitchView> {
    const { worker, identity } = this.#wiring
    this.#problem = null
    await identity.asMember(() => worker.unlinkTwitch())
    return this.#changed(null)
  }

  async show(shown: boolean): Promise<TwitchView> {
    const { worker, identity } = this.#wiring
    const { link } = await identity.asMember(() => worker.showTwitch(shown))
    return this.#changed(link)
  }

  /** What the account is in a room. Nobody is asked while no Twitch account is linked. */
  async role(room: RoomId): Promise<RolePass> {
    const { worker, identity, now } = this.#wiring
    const link = await identity.twitch()
    if (link?.state !== 'linked') return { role: null, grant: null, askAgainAt: now() + NO_ROLE_MS }
    const answer = await identity.asMember(() => worker.role(roomLogin(room)))
    if (answer.role === 'broadcaster') await identity.noteBroadcaster()
    return answer
  }

  /** To be called before a room is entered: whoever opens their own channel streams, and must not be seen before. */
  async enters(room: RoomId): Promise<void> {
    const { identity } = this.#wiring
    const link = await identity.twitch()
    if (link?.login === roomLogin(room)) await identity.noteBroadcaster()
  }

  async #finish(url: string): Promise<void> {
    const { worker, identity, webAuth } = this.#wiring
    const end = await webAuth.launch(url)
    if (end === undefined) throw new ControlError('twitch_cancelled')
    const result = URL.parse(end)?.searchParams.get('result')
    if (!result) throw new ControlError('twitch_attempt_refused')
    await identity.asMember(() => worker.linkTwitch(result))
    await identity.renewPassport()
  }

  async #changed(link: TwitchLink | null): Promise<TwitchView> {
    await this.#wiring.identity.renewPassport()
    this.#wiring.onChange()
    return this.#viewOf(link, true)
  }

  #viewOf(link: TwitchLink | null, available: boolean): TwitchView {
    if (link?.state === 'linked') return { state: 'linked', login: link.login, shown: link.shown }
    if (!available) return { state: 'unavailable' }
    const problem = this.#problem
    return link ? { state: 'gone', login: link.login, problem } : { state: 'not-linked', problem }
  }
}

/** Whether the Worker would tell with a passport what it told with the last one. */
const isSame = (link: TwitchLink | null, known: TwitchLink | null): boolean =>
  link?.login === known?.login &&
  link?.shown === known?.shown &&
  link?.state === known?.state &&
  (known?.broadcaster === true || link?.broadcaster !== true)
