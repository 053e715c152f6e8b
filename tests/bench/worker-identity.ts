/**
 * Signing in, names and passports, each against a bare Hono route in the same Worker: the very same requests, signed
 * beforehand, by the same client, `ABREAST` at a time, first to the bare route and then to the real one. Both go through
 * `wrangler dev`, so that the real difference is larger than the figure.
 *
 * - A verification is `POST /auth/verify` with the right code, from a new device and a new address: it makes the account
 *   and draws its first name.
 * - A claim is `PUT /user/display-name` with a name that nobody has: reserved, committed, confirmed, the old one retired.
 * - A passport is `POST /passport` with a proof of its own.
 *
 * No limit is lifted but the mails that one network may ask for: there are as many accounts as the paces of devices and
 * the renames of a day need. Codes come by mail, tokens are signed here.
 */
import type { RunningWorker } from '../../scripts/stage/worker.ts'
import { type Burst, burst } from './worker-burst.ts'
import { percentile, type Row, sorted } from './worker-figures.ts'
import type { Ask } from './worker-members.ts'

/** Of each round. */
const NEWCOMERS = 50
const CLAIMS_EACH = 2
const PASSPORTS_EACH = 4
const ABREAST = 16
/**
 * How many times as long as the bare route's they may take: some three times what they do, because what waits for a
 * disk suffers more from a busy machine.
 */
const MAX_RATIO = { verifications: 25, claims: 20, passports: 8 } as const

type What = keyof typeof MAX_RATIO
/** The bare route's burst, and the real one's right after it. */
type Pair = readonly [bare: Burst, real: Burst]

/** That one network asks for in so many rounds. */
export const mailsOf = (rounds: number): number => rounds * NEWCOMERS

export interface Identity {
  worker: RunningWorker
  clients: typeof import('./worker-members.ts')
  signingKeys: string
  codeFor(email: string): Promise<string>
}

/** Gathers rounds; each compares all three, so that whatever the machine does meanwhile spoils one round alone. */
export class IdentityBench {
  readonly #identity: Identity
  readonly #pairs: Record<What, Pair[]> = { verifications: [], claims: [], passports: [] }

  constructor(identity: Identity) {
    this.#identity = identity
  }

  /** Has `NEWCOMERS` sign in, and each take names and passports. Rejects where not even codes are mailed. */
  async round(): Promise<void> {
    const { worker, clients, signingKeys, codeFor } = this.#identity
    const { origin } = worker
    const newcomers = await Promise.all(Array.from({ length: NEWCOMERS }, clients.newcomer))
    const { answers } = await this.#send(newcomers.map(clients.codeAsk))
    const refused = answers.find(({ status }) => status !== 202)
    if (refused) throw new Error(`no code mailed: ${refused.status} ${refused.body}`)
    const codes = await Promise.all(newcomers.map(({ email }) => codeFor(email)))
    const dated = { origin, nonce: await freshNonce(origin) }
    const verified = await this.#compare(
      'verifications',
      newcomers.map((one, index) => clients.verifyAsk(one, codes[index] ?? '', dated)),
    )
    const members = await Promise.all(
      newcomers.flatMap((one, index) => {
        const answer = verified[index]
        return answer?.status === 200 ? [clients.memberOf(one, answer.body, { origin, signingKeys })] : []
      }),
    )
    // All of them in turn, so that hardly an account has two requests at once.
    const inTurn = (times: number) => Array.from({ length: times }, () => members).flat()
    const claims = inTurn(CLAIMS_EACH).map((member) => clients.claimAsk(member, newName(), dated))
    await this.#compare('claims', claims)
    const passports = inTurn(PASSPORTS_EACH).map((member) => clients.passportAsk(member, dated))
    await this.#compare('passports', passports)
  }

  rows(): Row[] {
    const { verifications, claims, passports } = this.#pairs
    return [
      row('verifications', verifications, NEWCOMERS),
      row('claims', claims, NEWCOMERS * CLAIMS_EACH),
      row('passports', passports, NEWCOMERS * PASSPORTS_EACH),
    ]
  }

  async #compare(what: What, signed: readonly Promise<Ask>[]) {
    const asks = await Promise.all(signed)
    const bare = await this.#send(asks.map((ask) => ({ ...ask, path: '/bench/bare' })))
    const real = await this.#send(asks)
    this.#pairs[what].push([bare, real])
    return real.answers
  }

  #send(asks: readonly Ask[]): Promise<Burst> {
    return burst(asks, { origin: this.#identity.worker.origin, abreast: ABREAST })
  }
}

function row(what: What, pairs: readonly Pair[], perRound: number): Row {
  const ratio = median(pairs.map(([bare, real]) => bare.perSecond / real.perSecond))
  const done = pairs.flatMap(([, real]) => real.answers).filter(({ status }) => status === 200).length
  const all = pairs.length * perRound
  const figures = (bursts: readonly Burst[]) => {
    const took = sorted(bursts.flatMap(({ answers }) => answers.map(({ ms }) => ms)))
    const [half, most] = [0.5, 0.99].map((share) => percentile(took, share).toFixed(0))
    const perSecond = median(bursts.map((one) => one.perSecond)).toFixed(0)
    const client = median(bursts.map((one) => one.client)) * 100
    return `${perSecond}/s, p50 ${half}, p99 ${most} ms, client ${client.toFixed(0)} %`
  }
  const [bare, real] = [figures(pairs.map(([one]) => one)), figures(pairs.map(([, one]) => one))]
  return {
    what: `${what}, ${ABREAST} at once, time : a bare route's`,
    bar: `<= ${MAX_RATIO[what]}, all ${all}`,
    figure: `${ratio.toFixed(1)}, ${done} (${real} : ${bare})`,
    isMet: ratio <= MAX_RATIO[what] && done === all && all > 0,
  }
}

const median = (values: readonly number[]): number => percentile(sorted(values), 0.5)

async function freshNonce(origin: string): Promise<string> {
  return (await fetch(`${origin}/health`)).headers.get('DPoP-Nonce') ?? ''
}

let names = 0
/** Unlike any other, and no word in it that could be refused. */
const newName = (): string =>
  `Gannet${(names++)
    .toString(8)
    .padStart(5, '0')
    .replace(/\d/g, (digit) => 'bdfghkpt'[Number(digit)] ?? '')}`
