import { LOGIN_PATTERN } from '../../protocol/login'
import { twitchIdSchema } from '../../protocol/role'
import { z } from '../../protocol/schema'
import type { TwitchApp } from './app'
import { askTwitch, jsonOf, TwitchUnavailable } from './ask'

/** Channels on one page, the most that Twitch gives, and pages that are read: nobody moderates more. */
const PAGE = 100
const MAX_PAGES = 20

/** The access token has ended: refresh it. */
export class TokenEnded extends Error {
  override readonly name = 'TokenEnded'
}

const usersSchema = z.object({
  data: z.array(
    z.object({
      id: twitchIdSchema,
      login: z.string().regex(LOGIN_PATTERN),
      /** `partner`, `affiliate` or empty. */
      broadcaster_type: z.string().default(''),
    }),
  ),
})

/** Whose token it is. https://dev.twitch.tv/docs/api/reference/#get-users @throws TwitchUnavailable, TokenEnded */
export async function ownUser(app: TwitchApp, accessToken: string) {
  const [user] = (await jsonOf(await ask(app, accessToken, '/users'), usersSchema)).data
  if (user === undefined) throw new TwitchUnavailable('nobody’s token')
  return { id: user.id, login: user.login, streams: user.broadcaster_type !== '' }
}

/** The id of whoever has `login` now, if anybody. @throws TwitchUnavailable, TokenEnded */
export async function userIdOf(app: TwitchApp, accessToken: string, login: string) {
  const response = await ask(app, accessToken, '/users', { login })
  const { data } = await jsonOf(response, usersSchema)
  return data.find((user) => user.login === login)?.id
}

const channelsSchema = z.object({
  data: z.array(z.object({ broadcaster_id: twitchIdSchema })),
  pagination: z.object({ cursor: z.string().optional() }).default({}),
})
const refusalSchema = z.object({ message: z.string().default('') })

/**
 * The ids of all channels that `userId` moderates, its own apart; none if they did not let us read that.
 * https://dev.twitch.tv/docs/api/reference/#get-moderated-channels
 * @throws TwitchUnavailable, TokenEnded
 */
export async function moderatedChannels(app: TwitchApp, accessToken: string, userId: string) {
  const channels = new Set<string>()
  let cursor: string | undefined
  for (let page = 0; page < MAX_PAGES; page++) {
    const query = { user_id: userId, first: String(PAGE), ...(cursor !== undefined && { after: cursor }) }
    const response = await ask(app, accessToken, '/moderation/channels', query)
    const { data, pagination } = await jsonOf(response, channelsSchema)
    for (const { broadcaster_id } of data) channels.add(broadcaster_id)
    cursor = pagination.cursor
    if (cursor === undefined || cursor === '' || data.length === 0) break
  }
  return channels
}

async function ask(
  { api, clientId }: TwitchApp,
  accessToken: string,
  path: string,
  query: Record<string, string> = {},
): Promise<Response> {
  const headers = { Authorization: `Bearer ${accessToken}`, 'Client-Id': clientId }
  const words = new URLSearchParams(query).toString()
  const response = await askTwitch(`${api}${path}${words === '' ? '' : `?${words}`}`, { headers })
  if (response.ok) return response
  if (response.status !== 401) throw new TwitchUnavailable(`${path}: status ${response.status}`)
  // The same status says that the token never was for this; refreshing it would change nothing.
  const { message } = await jsonOf(response, refusalSchema)
  if (/scope/i.test(message)) return Response.json({ data: [] })
  throw new TokenEnded()
}
