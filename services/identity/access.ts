import { ControlError } from '../../protocol/control'
import type { Clock } from '../clock'
import type { DeviceKeys } from './device-keys'
import { makeAssertion, makeProof } from './proofs'

/** A token is renewed this long before it ends. */
const EARLY_MS = 60_000

interface Token {
  value: string
  renewAt: number
}

export type Fetch = (request: Request) => Promise<Response>

interface Wiring {
  clock: Clock
  audience: string
  /** Throws a `ControlError` (`signed_out`) when there is no account. */
  bearer(): Promise<{ keys: DeviceKeys; accountId: string }>
  requestToken(assertion: string): Promise<{ accessToken: string; expiresIn: number; serverTime: number }>
}

/**
 * Access tokens and DPoP proofs (RFC 9449): a `fetch` that authorises requests as this device. Tokens live in
 * memory only; the device key gets a new one whenever it is needed.
 */
export class Access {
  readonly #wiring: Wiring
  #token: Token | undefined
  #pending: Promise<Token> | undefined
  #nonce: string | undefined
  /** What the Worker's clock is ahead of ours (ms). */
  #offset = 0

  constructor(wiring: Wiring) {
    this.#wiring = wiring
  }

  /** The time on the Worker's clock, as far as it is known. */
  now(): number {
    return this.#wiring.clock.now() + this.#offset
  }

  /** Notes the nonce that the Worker gives with its answers (RFC 9449 §8). */
  observe(response: Response): void {
    this.#nonce = response.headers.get('dpop-nonce') ?? this.#nonce
  }

  /** Hands `use` a signed assertion; once more when the Worker asks for its nonce in it. */
  async withAssertion<T>(
    keys: DeviceKeys,
    subject: string,
    use: (assertion: string) => Promise<T>,
  ): Promise<T> {
    const { audience } = this.#wiring
    const attempt = async () =>
      use(await makeAssertion(keys, { subject, audience, nonce: this.#nonce }, this.now()))
    return attempt().catch((error: unknown) => {
      if (error instanceof ControlError && error.code === 'use_dpop_nonce') return attempt()
      throw error
    })
  }

  /** What the Worker's clock is ahead of ours (ms), as far as it is known. */
  get offset(): number {
    return this.#offset
  }

  /** Starts from what was learnt in an earlier run. */
  assume(offset: number): void {
    this.#offset = offset
  }

  /** Forgets the token, also one that is on its way. */
  forget(): void {
    this.#token = undefined
    this.#pending = undefined
  }

  /** Sends an authorised request; once more when the Worker asks for its nonce or the token has ended. */
  async send(request: Request, fetch: Fetch): Promise<Response> {
    let response = await this.#sendOnce(request.clone(), fetch)
    for (let retries = 0; response.status === 401 && retries < 2; retries++) {
      const code = await problemCode(response)
      if (code === 'token_invalid') this.forget()
      else if (code !== 'use_dpop_nonce') break
      response = await this.#sendOnce(request.clone(), fetch)
    }
    return response
  }

  async #sendOnce(request: Request, fetch: Fetch): Promise<Response> {
    const { keys } = await this.#wiring.bearer()
    const token = await this.#freshToken()
    const url = new URL(request.url)
    const proof = await makeProof(
      keys,
      {
        method: request.method,
        url: url.origin + url.pathname,
        accessToken: token.value,
        nonce: this.#nonce,
      },
      this.now(),
    )
    request.headers.set('authorization', `DPoP ${token.value}`)
    request.headers.set('dpop', proof)
    const response = await fetch(request)
    this.observe(response)
    return response
  }

  async #freshToken(): Promise<Token> {
    if (this.#token && this.#wiring.clock.now() < this.#token.renewAt) return this.#token
    if (this.#pending) return this.#pending
    const pending = this.#requestToken()
    this.#pending = pending
    try {
      const token = await pending
      if (this.#pending === pending) this.#token = token
      return token
    } finally {
      if (this.#pending === pending) this.#pending = undefined
    }
  }

  async #requestToken(): Promise<Token> {
    const { clock, requestToken, bearer } = this.#wiring
    const { keys, accountId } = await bearer()
    const answer = await this.withAssertion(keys, accountId, requestToken)
    this.#offset = answer.serverTime - clock.now()
    return { value: answer.accessToken, renewAt: clock.now() + answer.expiresIn * 1000 - EARLY_MS }
  }
}

async function problemCode(response: Response): Promise<unknown> {
  const problem: unknown = await response
    .clone()
    .json()
    .catch(() => undefined)
  return typeof problem === 'object' && problem !== null && 'code' in problem ? problem.code : undefined
}
