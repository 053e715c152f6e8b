import { EMOTE_APIS, EMOTE_PROVIDERS, type EmoteProvider } from '../../protocol/emotes'
import * as bttv from './better-ttv'
import * as ffz from './franker-facez'
import type { ReadAnswer } from './reading'
import * as sevenTv from './seven-tv'

/** One set that can be asked for. */
export interface EmoteSource {
  provider: EmoteProvider
  scope: 'channel' | 'global'
  /** Names the set among all. */
  key: string
  url: string
  read: ReadAnswer
}

const GLOBAL: Record<EmoteProvider, { path: string; read: ReadAnswer }> = {
  ffz: { path: '/v1/set/global', read: ffz.readGlobal },
  bttv: { path: '/3/cached/emotes/global', read: bttv.readGlobal },
  '7tv': { path: '/v3/emote-sets/global', read: sevenTv.readGlobal },
}

/** The sets that are the same in every channel. `apis`: where the providers are. */
export const globalSources = (apis = EMOTE_APIS): EmoteSource[] =>
  EMOTE_PROVIDERS.map((provider) => {
    const { path, read } = GLOBAL[provider]
    return { provider, scope: 'global', key: `${provider} global`, url: apis[provider] + path, read }
  })

/** FrankerFaceZ takes a login, and tells the number by which the others know the channel. */
export const roomSource = (login: string, apis = EMOTE_APIS): EmoteSource => ({
  provider: 'ffz',
  scope: 'channel',
  key: `ffz ${login}`,
  url: `${apis.ffz}/v1/room/${encodeURIComponent(login)}`,
  read: ffz.readRoom,
})

/** `id`: the channel's number at Twitch. */
export const channelSources = (id: string, apis = EMOTE_APIS): EmoteSource[] => [
  {
    provider: 'bttv',
    scope: 'channel',
    key: `bttv ${id}`,
    url: `${apis.bttv}/3/cached/users/twitch/${id}`,
    read: bttv.readChannel,
  },
  {
    provider: '7tv',
    scope: 'channel',
    key: `7tv ${id}`,
    url: `${apis['7tv']}/v3/users/twitch/${id}`,
    read: sevenTv.readChannel,
  },
]
