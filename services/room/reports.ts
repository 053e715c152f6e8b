import { fromBase64Url } from '../../protocol/bytes'
import type { Credentials } from '../../protocol/control'
import type { AccountId, DeviceId } from '../../protocol/device'
import { encodeFrame } from '../../protocol/frames'
import {
  MAX_CLOCK_AHEAD_MS,
  MAX_REPORT_AGE_MS,
  MAX_REPORT_DEVICES,
  MAX_REPORT_MESSAGES,
  PROTOCOL_VERSION,
  REPORT_PACE,
} from '../../protocol/limits'
import { messageId, type SignedBytes } from '../../protocol/message'
import type { Passport } from '../../protocol/passport'
import {
  type Addressee,
  decodeReport,
  encodeReport,
  evidenceIn,
  openReport,
  type Report,
  reporterOf,
  type SealedReport,
  sealReport,
} from '../../protocol/report'
import type { ReportOutcome, ReportView, ReportWish } from '../../protocol/report-view'
import type { RoomId } from '../../protocol/room-id'
import type { Opener } from '../../protocol/sealed'
import { type Signer, signAs } from '../../protocol/signed'
import type { Clock } from '../clock'
import type { LoggedMessage } from '../log/logged-message'
import { DeviceRates } from './device-rates'
import { RecentIds } from './recent-ids'
import { evidenceOf } from './report-evidence'
import { ReportList } from './report-list'
import type { RoomPeople } from './room-people'

const REMEMBERED = 500

interface Wiring {
  clock: Clock
  room: RoomId
  me: DeviceId
  signer: Signer
  opener: Opener
  credentials(): Credentials
  people(): Pick<RoomPeople, 'personOf' | 'nameOf'>
  /** Accounts that proved a role here. */
  staff(): readonly AccountId[]
  log(): { readonly all: readonly LoggedMessage[] }
  /** Whether anybody is linked with us. */
  isLinked(): boolean
  /** Whether our viewer moderates here. */
  mayRead(): boolean
  /** Whether it is the author's passport, also of one who may not take part any more. */
  passportAt(jwt: string, ms: number): Promise<Passport>
  /** The same of one who might take part then, and so may report. */
  reporterAt(jwt: string, ms: number): Promise<Passport>
  tellOperator(signed: SignedBytes): Promise<ReportOutcome>
  forward(frame: Uint8Array<ArrayBuffer>, except: DeviceId[]): void
  onChange(): void
}

/** What members report to the moderators who are here, sealed to them, or else to the Worker's operator. */
export class Reports {
  readonly #wiring: Wiring
  readonly #seen = new RecentIds(REMEMBERED)
  readonly #rates = new DeviceRates(REPORT_PACE)
  readonly #list = new ReportList()

  constructor(wiring: Wiring) {
    this.#wiring = wiring
  }

  /** Newest first. */
  get all(): readonly ReportView[] {
    return this.#list.all
  }

  dismiss(id: string): void {
    this.#list.dismiss(id)
    this.#wiring.onChange()
  }

  /** Reports somebody else. Resolves with who was told, or why nobody was. */
  async report(wish: ReportWish): Promise<ReportOutcome> {
    const { clock, me, forward, tellOperator, credentials } = this.#wiring
    if (wish.account === credentials().accountId) return { failed: 'invalid_request' }
    // What neighbours would not pass on shall not be said to be sent.
    if (!this.#rates.take(me, clock.now())) return { failed: 'rate_limited' }
    const sealed = await this.#sealed(wish)
    if (!sealed) return tellOperator(await this.#signed(wish, 'operator'))
    this.#seen.add(await messageId(sealed.box))
    forward(encodeFrame({ t: 'report', ...sealed }), [])
    return { to: 'moderators' }
  }

  /** Takes a report from a link: passes it on, and keeps what is in it if it is for us. */
  async take({ keys, box }: SealedReport, from: DeviceId): Promise<'news' | 'known' | 'useless'> {
    const { clock, room, me, opener, mayRead, forward } = this.#wiring
    const id = await messageId(box)
    if (this.#seen.has(id)) return 'known'
    const now = clock.now()
    this.#rates.forgetIdle(now)
    if (!this.#rates.take(from, now)) return 'useless'
    this.#seen.add(id)
    forward(encodeFrame({ t: 'report', keys, box }), [from])
    if (!mayRead()) return 'news'
    // What is inside is nobody's fault who only passed it on.
    const signed = await openReport(room, { keys, box }, me, opener).catch(() => undefined)
    if (signed) await this.#read(id, signed).catch(() => undefined)
    return 'news'
  }

  async #read(id: string, signed: SignedBytes): Promise<void> {
    const { clock, room, passportAt, reporterAt, people, onChange } = this.#wiring
    const report = decodeReport(signed.bytes)
    const age = clock.now() - report.ms
    if (report.room !== room || report.to !== 'moderators') return
    if (age > MAX_REPORT_AGE_MS || age < -MAX_CLOCK_AHEAD_MS) return
    const { sub, name } = await reporterOf(report, signed, reporterAt)
    const { name: proven, ...evidence } = await evidenceIn(report, passportAt)
    const { account, ms, reason, words } = report
    const about = { accountId: account, name: people().nameOf(account) ?? proven ?? report.name }
    this.#list.keep({ id, ms, by: { accountId: sub, name }, about, reason, words, ...evidence })
    onChange()
  }

  /** Devices here of those who proved a role: not ours, and never of who is reported. */
  #moderators(reported: AccountId): Addressee[] {
    const { people, staff, credentials, isLinked } = this.#wiring
    if (!isLinked()) return []
    const own = credentials().accountId
    const others = staff().filter((account) => account !== own && account !== reported)
    // One device of each first, so that whoever has many leaves room for others.
    const devices = others.map((account) => people().personOf(account).here)
    const most = Math.max(0, ...devices.map(({ length }) => length))
    return Array.from({ length: most }, (_, turn) => devices.flatMap((here) => here[turn] ?? []))
      .flat()
      .slice(0, MAX_REPORT_DEVICES)
      .map(({ passport }) => ({ device: passport.device, key: fromBase64Url(passport.seal) }))
  }

  /** For the moderators, if there are any to whom it can be sealed. */
  async #sealed(wish: ReportWish): Promise<SealedReport | undefined> {
    const addressees = this.#moderators(wish.account)
    if (addressees.length === 0) return undefined
    const signed = await this.#signed(wish, 'moderators')
    return sealReport(this.#wiring.room, signed, addressees).catch(() => undefined)
  }

  /** As many of their messages as there is room for come along. */
  async #signed(wish: ReportWish, to: Report['to']): Promise<SignedBytes> {
    const { room, clock, signer, credentials, log } = this.#wiring
    const { account, name, reason, words, message } = wish
    const said = log().all.filter((logged) => logged.account === account)
    for (let count = MAX_REPORT_MESSAGES; ; count -= 1) {
      const proofs = evidenceOf(said, message, count)
      const report: Report = {
        v: PROTOCOL_VERSION,
        room,
        device: signer.device,
        ms: clock.now(),
        passport: credentials().passport,
        to,
        account,
        name,
        reason,
        words,
        messages: proofs.map(({ signed }) => signed),
        passports: [...new Set(proofs.map(({ passport }) => passport))],
      }
      const bytes = fitting(report)
      if (bytes) return { bytes, sig: await signAs(signer, 'report', bytes) }
      if (count === 0) throw new RangeError('report too large')
    }
  }
}

function fitting(report: Report): Uint8Array<ArrayBuffer> | undefined {
  try {
    return encodeReport(report)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
