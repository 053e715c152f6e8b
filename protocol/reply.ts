import type { AccountId } from './device'

/**
 * The message that another one answers. What it says is looked up here by its id, and never taken from whoever answers;
 * without a name it is not, or no longer, known to this browser.
 */
export interface ReplyView {
  id: string
  accountId?: AccountId
  name?: string
  /** Its beginning, on one line. */
  text?: string
  /** It is this viewer's own. */
  mine?: true
}
