import type { TwitchLink } from '../../protocol/api'
import type { AccountId, DeviceId } from '../../protocol/device'
import { TWITCH_ATTEMPT_LIFETIME_MS } from '../../protocol/limits'
import { z } from '../../protocol/schema'
import { TWITCH_RESULT_LIFETIME_MS } from '../limits'
import { logTwitchUnavailable } from '../log'
import { randomId } from '../random'
import type { TwitchEnv } from '../twitch/app'
import { TwitchUnavailable } from '../twitch/ask'
import type {
  AttemptSecrets,
  Linking,
  RoleFinding,
  TwitchAnswer,
  TwitchExport,
  TwitchHold,
} from '../twitch/ports'
import { seal, unseal } from '../twitch/sealing'
import type { AccountRow } from './account-row'
import { earliest } from './alarm'
import { Turns } from './turns'
import { TwitchAttempts } from './twitch-attempts'
import { ConsentGone, TwitchConsent } from './twitch-consent'
import { type LinkingEnv, TwitchLinking } from './twitch-linking'
import { TwitchRoles } from './twitch-roles'
import { linkTimes, linkView, TwitchRows } from './twitch-rows'

interface Wiring {
  storage: DurableObjectStorage
  row: AccountRow
  env: TwitchEnv & LinkingEnv
  /** Sets the alarm for what is left to settle. */
  arm(): Promise<void>
  /** Ends all passports until now (ms), in the transaction of what it follows from; rooms are told by the alarm. */
  revoke(now: number): void
}

const answerSchema = z.discriminatedUnion('outcome', [
  z.object({
    outcome: z.literal('identified'),
    userId: z.string(),
    login: z.string(),
    streams: z.boolean(),
    tokens: z.object({ accessToken: z.string(), refreshToken: z.string() }),
  }),
  z.object({ outcome: z.enum(['cancelled', 'unavailable']) }),
])

/** An account's Twitch account: from the first try to the end of the link. */
export class AccountTwitch {
  readonly #wiring: Wiring
  readonly #rows: TwitchRows
  readonly #attempts: TwitchAttempts
  readonly #consent: TwitchConsent
  readonly #roles: TwitchRoles
  readonly #linking: TwitchLinking
  readonly #turns = new Turns()

  constructor(wiring: Wiring) {
    const { storage, row, env } = wiring
    this.#wiring = wiring
    this.#rows = new TwitchRows(storage, row, (now) => wiring.revoke(now))
    this.#attempts = new TwitchAttempts(storage.sql)
    this.#consent = new TwitchConsent(this.#rows, env, () => this.#owner())
    this.#roles = new TwitchRoles(storage.sql, this.#rows, this.#consent)
    this.#linking = new TwitchLinking({
      ...wiring,
      rows: this.#rows,
      consent: this.#consent,
      roles: this.#roles,
      owner: () => this.#owner(),
    })
  }

  async begin({ device, redirect }: { device: DeviceId; redirect: string }) {
    const now = Date.now()
    this.#create()
    const expiresAt = now + TWITCH_ATTEMPT_LIFETIME_MS
    const attempt = randomId(16)
    // As long as RFC 7636 §4.1 wants a verifier.
    const [nonce, verifier] = [randomId(32), randomId(32)]
    this.#attempts.add({ id: attempt, device, redirect, nonce, verifier, expiresAt })
    await this.#wiring.arm()
    return { attempt, expiresAt }
  }

  ask(attempt: string): AttemptSecrets | undefined {
    return this.#rows.exists() ? this.#attempts.open(attempt, Date.now()) : undefined
  }

  take(attempt: string): (AttemptSecrets & { redirect: string }) | undefined {
    return this.#rows.exists() ? this.#attempts.take(attempt, Date.now()) : undefined
  }

  /** What the device trades for `answer`. A result that nothing stands behind is refused like any other. */
  async answer(attempt: string, answer: TwitchAnswer): Promise<string> {
    const result = randomId(32)
    const sealed = await seal(this.#sealingKeys, 'twitch-answer', this.#owner(), answer)
    const now = Date.now()
    const isKept =
      this.#rows.exists() && this.#attempts.answer(attempt, result, sealed, now + TWITCH_RESULT_LIFETIME_MS)
    if (isKept) await this.#wiring.arm()
    else await this.#discard(sealed)
    return result
  }

  redeem({ device, result }: { device: DeviceId; result: string }): Promise<Linking> {
    return this.#turns.take(async (): Promise<Linking> => {
      const sealed = this.#rows.exists() ? this.#attempts.redeem(device, result, Date.now()) : undefined
      const answer = sealed === undefined ? undefined : await this.#opened(sealed)
      if (answer === undefined) return { outcome: 'refused' }
      return answer.outcome === 'identified' ? this.#linking.link(answer) : answer
    })
  }

  /** The link for its owner; `null` where there is none. Notes that the account is about. */
  view(now: number): TwitchLink | null {
    const link = this.#rows.link()
    if (link === undefined) return null
    this.#consent.seen(link, now)
    return linkView(link)
  }

  show(shown: boolean): Promise<TwitchLink | undefined> {
    return this.#turns.take(async () => {
      const link = this.#rows.link()
      if (link === undefined || link.tokens === null) return undefined
      this.#rows.change({ shown: Number(shown) })
      return { ...linkView(link), shown }
    })
  }

  unlink(): Promise<void> {
    return this.#turns.take(async () => {
      if (!this.#rows.exists()) return
      this.#rows.remove(Date.now())
      this.#roles.forget()
      await this.#wiring.arm()
      await this.#linking.settle()
    })
  }

  roleIn(login: string): Promise<RoleFinding> {
    return this.#turns.take(async (): Promise<RoleFinding> => {
      const link = this.#rows.link()
      if (link === undefined || link.tokens === null) return { outcome: 'none', until: 0 }
      try {
        return await this.#roles.find(link, login)
      } catch (error) {
        if (error instanceof ConsentGone) return { outcome: 'none', until: 0 }
        if (!(error instanceof TwitchUnavailable)) throw error
        logTwitchUnavailable(error.message)
        return { outcome: 'unavailable' }
      } finally {
        await this.#wiring.arm()
      }
    })
  }

  holds(pseudonym: string): TwitchHold {
    return this.#rows.holds(pseudonym, Date.now())
  }

  /** Tells registry and Twitch what they have missed, and asks Twitch whether it still vouches. Idempotent. */
  settle(): Promise<void> {
    return this.#turns.take(async () => {
      if (!this.#rows.exists()) return
      const now = Date.now()
      for (const answer of this.#attempts.prune(now)) await this.#discard(answer)
      // In turn, so a pending claim seen here belongs to nobody who still works on it.
      this.#rows.giveBackPending(now)
      this.#roles.prune(now)
      const link = this.#rows.link()
      const check = this.#consent.checkDue(link)
      if (link && check !== undefined && check <= now) await this.#consent.check(link, now)
      await this.#linking.settle()
    })
  }

  /** When there is something to settle (ms). */
  due(): number | undefined {
    if (!this.#rows.exists()) return undefined
    const check = this.#consent.checkDue(this.#rows.link())
    return earliest(this.#attempts.due(), this.#rows.due(), this.#roles.due(), check)
  }

  /** All that is kept, for its owner. */
  export(): TwitchExport | null {
    if (!this.#rows.exists()) return null
    const link = this.#rows.link()
    return {
      link: link ? { ...linkView(link), ...linkTimes(link), userId: link.user_id } : null,
      claims: this.#rows.claims(),
      attempts: this.#attempts.export(),
      ...this.#roles.export(),
      leftovers: this.#rows.leftovers(Number.MAX_SAFE_INTEGER).length,
    }
  }

  /**
   * Ends the link and leaves nothing of it. Rejects while the registry is away, to be tried again; Twitch is told if it can
   * be reached, and if not, the viewer still finds us among the connections of their Twitch account.
   */
  erase(): Promise<void> {
    return this.#turns.take(async () => {
      if (!this.#rows.exists()) return
      const now = Date.now()
      for (const answer of this.#attempts.prune(Number.MAX_SAFE_INTEGER)) await this.#discard(answer)
      this.#rows.remove(now)
      this.#roles.forget()
      // Also what is to be tried later: there is no later.
      await this.#consent.revokeLeftovers(now, Number.MAX_SAFE_INTEGER)
      await this.#linking.release()
      this.#rows.erase()
    })
  }

  /** An answer that nobody came for: its tokens are taken back. */
  async #discard(sealed: string): Promise<void> {
    const answer = await this.#opened(sealed)
    if (answer?.outcome !== 'identified' || !this.#rows.exists()) return
    this.#rows.addLeftover(await this.#consent.sealed(answer.tokens), Date.now())
    await this.#wiring.arm()
  }

  #opened(sealed: string): Promise<TwitchAnswer | undefined> {
    return unseal(this.#sealingKeys, 'twitch-answer', this.#owner(), sealed, answerSchema)
  }

  #create(): void {
    this.#rows.create()
    this.#attempts.create()
  }

  #owner(): AccountId {
    const account = this.#wiring.row.account()
    if (account === undefined) throw new Error('no such account')
    return account
  }

  get #sealingKeys(): string {
    return this.#wiring.env.SEALING_KEYS ?? ''
  }
}
