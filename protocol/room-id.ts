import { z } from './schema'

/** A Twitch login as it stands in a URL: lower case, 1–25 characters. */
export const LOGIN_PATTERN = /^[a-z0-9_]{1,25}$/
export const loginSchema = z.string().regex(LOGIN_PATTERN)

/** Names a room. Today: the room of a channel, `twitch:<login>`. */
export type RoomId = `twitch:${string}`

export const roomIdSchema = z.custom<RoomId>(
  (value) => typeof value === 'string' && value.startsWith('twitch:') && LOGIN_PATTERN.test(value.slice(7)),
  'not a room id',
)

/** The room of a channel. Throws a `TypeError` for what is no login. */
export function channelRoom(login: string): RoomId {
  if (!LOGIN_PATTERN.test(login)) throw new TypeError('not a Twitch login')
  return `twitch:${login}`
}

/** The login of a channel's room. */
export const roomLogin = (room: RoomId): string => room.slice('twitch:'.length)
