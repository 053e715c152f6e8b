import type { TwitchUser, TwitchUsers } from './twitch-users.ts'

/** What an access token stands for. */
export interface Bearer {
  user: TwitchUser
  clientId: string
  scopes: ReadonlySet<string>
}

interface Reply {
  status: number
  body: unknown
}

const MODERATED = 'user:read:moderated_channels'
const refusal = (status: number, error: string, message: string): Reply => ({
  status,
  body: { error, status, message },
})

/** Answers as Twitch's API does (https://dev.twitch.tv/docs/api/reference/), as far as Sidestream asks. */
export function helix(
  url: URL,
  clientId: string | undefined,
  bearer: Bearer | undefined,
  users: TwitchUsers,
): Reply {
  if (!bearer) return refusal(401, 'Unauthorized', 'Invalid OAuth token')
  if (clientId !== bearer.clientId)
    return refusal(401, 'Unauthorized', 'Client ID and OAuth token do not match')
  const query = url.searchParams
  if (url.pathname === '/helix/users') {
    const logins = query.getAll('login')
    const asked = logins.length === 0 ? [bearer.user] : logins.flatMap((login) => users.find(login) ?? [])
    return { status: 200, body: { data: asked.map(userView) } }
  }
  if (url.pathname !== '/helix/moderation/channels') return refusal(404, 'Not Found', '')
  if (!bearer.scopes.has(MODERATED)) return refusal(401, 'Unauthorized', `Missing scope: ${MODERATED}`)
  if (query.get('user_id') !== bearer.user.id)
    return refusal(
      401,
      'Unauthorized',
      "The ID in user_id must match the user ID found in the request's OAuth token.",
    )
  const first = Math.min(100, Number(query.get('first') ?? 20))
  const from = Number(Buffer.from(query.get('after') ?? '', 'base64url').toString() || 0)
  const ids = bearer.user.moderates
  const data = ids.slice(from, from + first).map((id) => channelView(id, users.byId(id)))
  const isLast = from + first >= ids.length
  const pagination = isLast ? {} : { cursor: Buffer.from(String(from + first)).toString('base64url') }
  return { status: 200, body: { data, pagination } }
}

const userView = ({ id, login, displayName, broadcasterType }: TwitchUser) => ({
  id,
  login,
  display_name: displayName,
  type: '',
  broadcaster_type: broadcasterType,
  description: '',
  profile_image_url: '',
  offline_image_url: '',
  view_count: 0,
  created_at: '2016-12-14T20:32:28Z',
})

const channelView = (id: string, user: TwitchUser | undefined) => ({
  broadcaster_id: id,
  broadcaster_login: user?.login ?? `gone_${id}`,
  broadcaster_name: user?.displayName ?? `GONE_${id}`,
})
