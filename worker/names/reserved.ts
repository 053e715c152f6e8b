import { foldName } from './fold'

/** Names that would pass for somebody who speaks for the site, the project or the software. */
const RESERVED = new Set([
  'admin', 'admins', 'administrator', 'anonymous', 'automod', 'bot', 'broadcaster', 'channel', 'everyone', 'here',
  'help', 'helpdesk', 'host', 'info', 'mod', 'mods', 'moderation', 'moderator', 'moderators', 'nobody', 'null',
  'official', 'operator', 'owner', 'partner', 'root', 'security', 'server', 'service', 'staff', 'streamer', 'support',
  'sysadmin', 'system', 'undefined', 'user', 'webmaster',
]) // biome-ignore format: a list of words

/** Nobody may carry these even in part. */
const RESERVED_PARTS = ['sidestream', 'twitch', 'moderator', 'administrator']

/** Digits and separators do not make a reserved word another: `Admin_01` is `admin`. */
const core = (fold: string) => fold.replace(/[\p{N}_.-]+/gu, '')

/** Whether nobody may take `name`, whatever its case, digits and separators. */
export function isReservedName(name: string): boolean {
  const word = core(foldName(name))
  return word === '' || RESERVED.has(word) || RESERVED_PARTS.some((part) => word.includes(part))
}
