import type { IceServers } from '../../protocol/api'
import type { Credentials, RolePass, SocketPass } from '../../protocol/control'
import type { AccountId } from '../../protocol/device'
import type { SayPace } from '../../protocol/limits'
import type { SignedBytes } from '../../protocol/message'
import type { Standing } from '../../protocol/people'
import type { ReportOutcome } from '../../protocol/report-view'
import type { RoomId } from '../../protocol/room-id'
import type { Opener } from '../../protocol/sealed'
import type { Signer } from '../../protocol/signed'
import type { Clock, Random } from '../clock'
import type { RoomArchive } from '../history/archive'
import type { LoggedMessage } from '../log/logged-message'
import type { LinkMaker } from '../mesh/link'
import type { Passports } from '../passports'
import type { OpenSocket } from './introducer'
import type { Membership } from './roster'

/** What a session needs of the world. */
export interface SessionWorld {
  clock: Clock
  random: Random
  signer: Signer
  opener: Opener
  passports: Passports
  links: LinkMaker
  openSocket: OpenSocket
  /** What the Worker gave us for relaying, without what has expired. */
  iceServers(): IceServers
  /** Whether the viewer agrees to direct links with those who agree, too. */
  direct(): boolean
  /** As fresh as it is now: the passport is renewed while a session runs. */
  credentials(): Credentials
  socketPass(room: RoomId): Promise<SocketPass>
  /** What our account is in a room. */
  role(room: RoomId): Promise<RolePass>
  /** Hands a signed report to the Worker's operator. Never rejects. */
  tellOperator(signed: SignedBytes): Promise<ReportOutcome>
  /** What this browser keeps of a room. */
  archive(room: RoomId): RoomArchive
  /** The Worker knows more of our account than our passport says, or has ended it: ask for another. */
  onOutdated(): void
  pace: SayPace
  /** Whether the viewer has muted or blocked an account. Call `standingsChanged` when that changes. */
  standingOf(account: AccountId): Standing | null
  /** Whether our clock can be relied on. If not, the Worker's next word sets it right. */
  isTimeSure(): boolean
  /** The Worker's clock (ms), for correction of ours. */
  onServerTime(now: number): void
}

export type SessionChange =
  /** A new message, or one of our own that reached more members. */
  | { t: 'message'; message: LoggedMessage }
  | { t: 'membership'; membership: Membership }
  /** Something else looks different; `log`: messages went, or many came at once. */
  | { t: 'log' | 'members' | 'connection' | 'typing' | 'waiting' | 'history' | 'rules' | 'reports' }
