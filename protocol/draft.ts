import type { ReplyView } from './reply'

/** UTF-16 units of a draft that are kept: ten times what can be said. */
export const MAX_DRAFT_LENGTH = 5_000

/** What is being written in a room: the text, and the message it will answer. */
export interface Draft {
  readonly text: string
  readonly reply: ReplyView | null
}

export const EMPTY_DRAFT: Draft = { text: '', reply: null }

export const isEmptyDraft = ({ text, reply }: Draft): boolean => text === '' && reply === null

/** Keeps drafts over a reload of the panel and a restart of the browser. `place` names a room and who speaks there. */
export interface DraftKeeper {
  /** `null` where nothing was kept. */
  load(place: string): Promise<Draft | null>
  /** An empty draft is forgotten. Nobody waits for it, and a failure is no news: the draft is still in the panel. */
  save(place: string, draft: Draft): void
}
