import type { RefusalReason } from '../stores/own-lines'
import type { LineStatus, LineView } from './rows'
import type { MessageKey } from './text'

const REFUSALS: Record<RefusalReason, MessageKey> = {
  'no-room': 'refusedNoRoom',
  'signed-out': 'refusedSignedOut',
  'text-not-allowed': 'refusedTextNotAllowed',
  'too-many-waiting': 'refusedTooManyWaiting',
  'too-late': 'refusedTooLate',
  storage: 'refusedStorage',
  'void-author': 'refusedVoidAuthor',
  unlinked: 'refusedUnlinked',
  failed: 'refusedFailed',
}

interface LineWords {
  /** Quietly under the line. */
  hint?: MessageKey
  /** Why it was not sent. */
  refusal?: MessageKey
  /** What the viewer can do about it. */
  canSayAgain: boolean
  canDiscard: boolean
}

/** What to say under an own line. `slow`: it takes so long that the viewer wonders. */
export function lineWords(status: LineStatus, line: LineView, newestOwn: boolean, slow: boolean): LineWords {
  const nothing = { canSayAgain: false, canDiscard: false }
  switch (status.state) {
    case 'said':
      return slow && newestOwn && line.reach === 0 ? { hint: 'lineWaiting', ...nothing } : nothing
    case 'sending':
      return slow ? { hint: 'lineSending', ...nothing } : nothing
    case 'pace':
      return newestOwn ? { hint: 'linePace', ...nothing } : nothing
    case 'network':
      return { ...(newestOwn && { hint: 'lineNetwork' }), canSayAgain: false, canDiscard: true }
    case 'unlinked':
      return { ...(newestOwn && { hint: 'lineUnlinked' }), canSayAgain: false, canDiscard: true }
    case 'barred':
      return { ...(newestOwn && { hint: 'lineBarred' }), canSayAgain: false, canDiscard: true }
    case 'refused':
      return {
        refusal: REFUSALS[status.refused ?? 'failed'],
        canSayAgain: status.refused !== 'void-author',
        canDiscard: true,
      }
  }
}
