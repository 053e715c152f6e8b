import type { Standing } from '../protocol/people'
import type { MessageKey } from './text'

/** What somebody is to the viewer. */
export const STANDING_WORDS: Readonly<Record<Standing, MessageKey>> = {
  muted: 'peopleMuted',
  blocked: 'peopleBlocked',
}
