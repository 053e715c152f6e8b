import type { Role } from '../protocol/role'
import type { MessageKey } from './text'

/** What somebody is in a channel. */
export const ROLE_WORDS: Readonly<Record<Role, MessageKey>> = {
  broadcaster: 'roleBroadcaster',
  moderator: 'roleModerator',
}
