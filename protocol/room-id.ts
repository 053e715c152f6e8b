import { LOGIN_PATTERN } from './login'
import { z } from './schema'

/** Names a room. Today: the room of a channel, `twitch:<login>`. */
export type RoomId = `twitch:${string}`

export const roomIdSchema = z
  .custom<RoomId>(
    (value) => typeof value === 'string' && value.startsWith('twitch:') && LOGIN_PATTERN.test(value.slice(7)),
    'not a room id',
  )
  .meta({ type: 'string', pattern: '^twitch:[a-z0-9_]{1,25}$' })

/** The room of a channel. Throws a `TypeError` for what is no login. */
export function channelRoom(login: string): RoomId {
  if (!LOGIN_PATTERN.test(login)) throw new TypeError('not a Twitch login')
  return `twitch:${login}`
}

/** The login of a channel's room. */
export const roomLogin = (room: RoomId): string => room.slice('twitch:'.length)
