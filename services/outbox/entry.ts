import type { SayRefusal, WaitingView } from '../../protocol/host-port'
import type { Waiting } from '../history/archive'

/** Something that waits, or will not be said by itself. */
export interface Entry extends Waiting {
  readonly refused?: SayRefusal
}

/** Entries as a panel shows them: as many as `burst` are in the `state` of the first, others wait for their pace. */
export function waitingView(
  entries: readonly Entry[],
  state: 'sending' | 'unlinked' | 'barred' | 'network' | 'pace',
  burst: number,
): WaitingView[] {
  return entries.map(({ key, text, ms, me, reply, refused }, index) => {
    const said = { key, text, ms, ...(me && { me }), ...(reply !== undefined && { reply: { id: reply } }) }
    if (refused) return { ...said, state: 'refused', refused }
    return { ...said, state: state === 'sending' && index >= burst ? 'pace' : state }
  })
}
