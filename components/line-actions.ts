import type { LineView } from './rows'

/** What can be done with a line. `person`: something about its author is wanted. `origin`: see what it answers. `delete`: for everybody. */
export type LineAction = 'reply' | 'mention' | 'copy' | 'person' | 'origin' | 'delete' | 'report'

/** `target` is what was clicked: whatever opens belongs there. */
export interface LineAct {
  readonly action: LineAction
  readonly line: LineView
  readonly target: HTMLElement
}
