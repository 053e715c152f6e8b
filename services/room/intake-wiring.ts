import type { DeviceId } from '../../protocol/device'
import type { BroadcastFrame, FrameFault, OverlayWireFrame } from '../../protocol/frames'
import type { MessageId, SignedBytes } from '../../protocol/message'
import type { Passport } from '../../protocol/passport'
import type { Presence } from '../../protocol/presence'
import type { Proof } from '../../protocol/proof'
import type { Typing } from '../../protocol/typing'
import type { Clock } from '../clock'
import type { LoggedMessage } from '../log/logged-message'
import type { ReconciliationFrame } from '../log/reconciler'
import type { Link } from '../mesh/link'
import type { CheckBudget } from './check-pace'
import type { RoomFacts } from './frame-check'
import type { LinkGuard, Useless } from './link-guard'
import type { Reports } from './reports'
import type { RulingExchange } from './ruling-exchange'
import type { Rulings } from './rulings'

type Fault = FrameFault | undefined
/** What came of a frame: something new, nothing, or what was wrong with it. */
export type Outcome = 'news' | Useless | FrameFault

/** A link as this sees it. */
export interface Source {
  readonly peer: DeviceId
  readonly link: Link
  readonly guard: LinkGuard
  readonly checks: CheckBudget
}

export interface IntakeWiring {
  clock: Clock
  facts: RoomFacts
  /** Returns whether it is worth passing on. */
  onMessage(message: LoggedMessage, from: DeviceId): boolean
  /** Returns whether this was news, and so is worth passing on. */
  onPresence(presence: Presence, passport: Passport, signed: SignedBytes): boolean
  /** Returns whether this was news. */
  onTyping(typing: Typing): boolean
  /** Checks the proof; resolves to whether it was news, or to what is wrong with it. */
  onProof(proof: Proof): Promise<boolean | FrameFault>
  onReconciliation(frame: ReconciliationFrame, from: DeviceId): Promise<Fault>
  /** Takes revocations, and passes those that are news on. */
  onRevoked(revocations: readonly string[], from: DeviceId): Promise<Fault>
  rulings: Pick<Rulings, 'read' | 'decide'>
  reports: Pick<Reports, 'take'>
  exchange: Pick<RulingExchange, 'decided' | 'asked' | 'wasAsked'>
  /** Pass an accepted frame on over all links but those that have it. */
  forward(frame: Uint8Array<ArrayBuffer>, except: DeviceId[]): void
  /** What became of a broadcast, by the id of what was signed: it goes on, it does not, or it may be worth hearing again. */
  onBroadcast(
    outcome: 'passed-on' | 'stopped' | 'missed',
    id: MessageId,
    frame: BroadcastFrame,
    from: DeviceId,
  ): void
  /** What a neighbour says about the room's links. */
  onOverlay(frame: OverlayWireFrame, from: DeviceId): void
  /** Whether the room is a crowd, in which nobody is told of everybody. */
  isCrowd(): boolean
  onFault(fault: FrameFault): void
}
