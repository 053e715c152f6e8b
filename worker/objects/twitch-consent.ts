import type { AccountId } from '../../protocol/device'
import { z } from '../../protocol/schema'
import { DAY_MS, LAST_SEEN_STEP_MS, MAX_REVOKE_TRIES, TWITCH_CHECK_MS, TWITCH_RETRY_MS } from '../limits'
import { logTwitchUnavailable } from '../log'
import { type TwitchApp, type TwitchEnv, twitchApp } from '../twitch/app'
import { TwitchUnavailable } from '../twitch/ask'
import { TokenEnded } from '../twitch/helix'
import type { Tokens } from '../twitch/oauth'
import { seal, unseal } from '../twitch/sealing'
import { refresh, revoke, validate } from '../twitch/tokens'
import type { LinkRow, TwitchRows } from './twitch-rows'

const tokensSchema = z.object({ accessToken: z.string(), refreshToken: z.string() })

/** Twitch does not vouch for the link any more. */
export class ConsentGone extends Error {
  override readonly name = 'ConsentGone'
}

/**
 * What a viewer let us do at Twitch: the tokens, sealed, renewed when they end, and taken back when the link ends. One
 * call at a time: a refresh may make the token before it worthless.
 */
export class TwitchConsent {
  readonly #rows: TwitchRows
  readonly #env: TwitchEnv
  readonly #owner: () => AccountId

  /** Seals hold for `owner` alone. */
  constructor(rows: TwitchRows, env: TwitchEnv, owner: () => AccountId) {
    this.#rows = rows
    this.#env = env
    this.#owner = owner
  }

  sealed(tokens: Tokens): Promise<string> {
    return seal(this.#env.SEALING_KEYS ?? '', 'twitch-tokens', this.#owner(), tokens)
  }

  /**
   * Does something with a token that counts, as far as we know; with a fresh one if it turns out not to.
   * @throws TwitchUnavailable; ConsentGone, and then the link is marked so.
   */
  async use<T>(link: LinkRow, ask: (app: TwitchApp, accessToken: string) => Promise<T>): Promise<T> {
    const app = this.#app()
    const tokens = link.tokens === null ? undefined : await this.#opened(link.tokens)
    if (tokens === undefined) throw this.#gone()
    try {
      return await ask(app, tokens.accessToken)
    } catch (error) {
      if (!(error instanceof TokenEnded)) throw error
    }
    const fresh = await refresh(app, tokens.refreshToken)
    if (fresh === undefined) throw this.#gone()
    this.#rows.keepTokens(await this.sealed(fresh))
    try {
      return await ask(app, fresh.accessToken)
    } catch (error) {
      throw error instanceof TokenEnded ? new TwitchUnavailable('fresh token refused') : error
    }
  }

  /** Notes that the account is about: only then Twitch is asked about it. */
  seen(link: LinkRow, now: number): void {
    if (link.seen_at <= now - LAST_SEEN_STEP_MS) this.#rows.seenAt(now)
  }

  /** When Twitch is to be asked whether it still vouches (ms): each hour, as it wants it, while the account is about. */
  checkDue(link: LinkRow | undefined): number | undefined {
    const isAbout = link !== undefined && link.tokens !== null && link.check_at <= link.seen_at + DAY_MS
    return isAbout ? link.check_at : undefined
  }

  /** Asks it. Never rejects: what cannot be asked now is asked later. */
  async check(link: LinkRow, now: number): Promise<void> {
    this.#rows.checkAt(now + TWITCH_CHECK_MS)
    try {
      const valid = await this.use(link, async (app, accessToken) => {
        const answer = await validate(app, accessToken)
        if (answer === undefined) throw new TokenEnded()
        return answer
      })
      if (valid.userId !== link.user_id) this.#rows.markGone(Date.now())
      else this.#rows.change({ login: valid.login })
    } catch (error) {
      if (error instanceof ConsentGone) return
      logTwitchUnavailable(error instanceof TwitchUnavailable ? error.message : 'unexpected')
      this.#rows.checkAt(now + TWITCH_RETRY_MS)
    }
  }

  /** Takes tokens back that are of no more use; what Twitch cannot hear now it hears later, some times. Never rejects. */
  async revokeLeftovers(now: number, upTo = now): Promise<void> {
    for (const leftover of this.#rows.leftovers(upTo)) {
      try {
        await this.#revoke(leftover.tokens)
        this.#rows.forget(leftover)
      } catch (error) {
        logTwitchUnavailable(error instanceof TwitchUnavailable ? error.message : 'unexpected')
        if (leftover.tries >= MAX_REVOKE_TRIES) this.#rows.forget(leftover)
        else this.#rows.postpone(leftover, now + TWITCH_RETRY_MS * 2 ** leftover.tries)
      }
    }
  }

  async #revoke(leftover: string): Promise<void> {
    const app = this.#app()
    const tokens = await this.#opened(leftover)
    if (tokens === undefined) return
    if (await revoke(app, tokens.accessToken)) return
    // It had ended, but the consent may still stand.
    const fresh = await refresh(app, tokens.refreshToken)
    if (fresh !== undefined) await revoke(app, fresh.accessToken)
  }

  #app(): TwitchApp {
    const app = twitchApp(this.#env)
    if (app === undefined) throw new TwitchUnavailable('not set up')
    return app
  }

  #opened(sealed: string): Promise<Tokens | undefined> {
    return unseal(this.#env.SEALING_KEYS ?? '', 'twitch-tokens', this.#owner(), sealed, tokensSchema)
  }

  #gone(): ConsentGone {
    this.#rows.markGone(Date.now())
    return new ConsentGone()
  }
}
