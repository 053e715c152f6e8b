import type { SayRefusal, WaitingView } from '../../protocol/host-port'
import type { Waiting } from '../history/archive'

/** Something that waits, or will not be said by itself. */
export interface Entry extends Waiting {
  readonly refused?: SayRefusal
}

/** Entries as a panel shows them: as many as `burst` are in the `state` of the first, others wait for their pace. */
export function waitingView(
  entries: readonly Entry[],
  state: 'sending' | 'unlinked' | 'network' | 'pace',
  burst: number,
): WaitingView[] {
  return entries.map(({ key, text, ms, refused }, index) => {
    if (refused) return { key, text, ms, state: 'refused', refused }
    return { key, text, ms, state: state === 'sending' && index >= burst ? 'pace' : state }
  })
}
