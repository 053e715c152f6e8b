import { env } from 'cloudflare:workers'
import { inject } from 'vitest'
import { tokenResponseSchema, twitchAttemptResponseSchema, twitchResponseSchema } from '../../../protocol/api'
import { twitchIdSchema } from '../../../protocol/role'
import { z } from '../../../protocol/schema'
import { atTime } from './clock'
import { askToken, authed, type Viewer } from './viewer'
import { call, ORIGIN } from './worker'

export const REDIRECT = 'https://jjcmgcjjkfaoelolhidopeebdigcohpg.chromiumapp.org/twitch'

/** Has something be the case at Twitch; see the stand. */
export async function atTwitch(command: string, login: string, value = ''): Promise<unknown> {
  const body = JSON.stringify({ command, login, value })
  return (await fetch(inject('twitch').control, { method: 'POST', body })).json()
}

export const twitchIdOf = async (login: string) =>
  z.object({ id: twitchIdSchema }).parse(await atTwitch('user', login)).id

let logins = 0
/** A login that nobody at Twitch has yet. */
export const newLogin = () => `user_${++logins}_${crypto.randomUUID().slice(0, 8)}`

export async function beginTwitch(viewer: Viewer, redirect = REDIRECT): Promise<URL> {
  const response = await authed(viewer, 'POST', '/twitch/attempt', { body: { redirect } })
  return new URL(twitchAttemptResponseSchema.parse(await response.json()).url)
}

/** A browser's own cookies, going where it is sent until it is asked something or leaves for somewhere else. */
export class Browsing {
  readonly #cookies = new Map<string, string>()

  /** Opens a page of Twitch's or the Worker's. */
  async open(url: string, init: RequestInit = {}): Promise<Response> {
    if (url.startsWith(ORIGIN)) return call(init.method ?? 'GET', url.slice(ORIGIN.length))
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, { ...init, redirect: 'manual', headers: { cookie } })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      this.#cookies.set(name, value)
    }
    return response
  }

  /** Follows redirects from `url` until there is none, or one that starts with `until`. Returns where that is. */
  async follow(url: string, until: string, init: RequestInit = {}): Promise<string> {
    let [at, how] = [url, init]
    for (let hops = 0; hops < 10; hops++) {
      const response = await this.open(at, how)
      const location = response.headers.get('Location')
      if (location === null) return at
      at = new URL(location, at).href
      how = {}
      if (at.startsWith(until)) return at
    }
    throw new Error('redirected for ever')
  }

  /** Goes to Twitch and says who one is, and yes or no. Returns where Twitch sends the browser: the callback. */
  async answer(start: string, login: string, answer: 'yes' | 'no' = 'yes'): Promise<string> {
    const page = await this.follow(start, 'nowhere:')
    if (!page.includes('/interaction/')) throw new Error(`Twitch asked nothing: ${page}`)
    const body = new URLSearchParams({ login, answer })
    return this.follow(page, `${ORIGIN}/twitch/callback`, { method: 'POST', body })
  }
}

/** Where the extension's flow ends, and what it brings. */
export async function comeBack(callback: string): Promise<{ redirect: URL; result: string }> {
  const response = await call('GET', callback.slice(ORIGIN.length))
  const redirect = new URL(response.headers.get('Location') ?? 'nowhere:')
  return { redirect, result: redirect.searchParams.get('result') ?? '' }
}

export const redeem = (viewer: Viewer, result: string) =>
  authed(viewer, 'POST', '/twitch/link', { body: { result } })

/** All the way to the result that only has to be redeemed. */
export async function resultFor(viewer: Viewer, login: string, answer: 'yes' | 'no' = 'yes') {
  const start = await beginTwitch(viewer)
  return (await comeBack(await new Browsing().answer(start.href, login, answer))).result
}

/** Links the viewer's account to a user of Twitch, as the extension does. */
export async function linkTwitch(viewer: Viewer, login: string) {
  const response = await redeem(viewer, await resultFor(viewer, login))
  return twitchResponseSchema.parse(await response.json()).link
}

export const twitchOf = async (viewer: Viewer) =>
  twitchResponseSchema.parse(await (await authed(viewer, 'GET', '/twitch')).json()).link

/** Lets time pass for the Worker; the viewer gets a new access token then. */
export async function later(viewer: Viewer, ms: number): Promise<void> {
  atTime(Date.now() + ms)
  const answer = await askToken(viewer.device, viewer.account)
  Object.assign(viewer, tokenResponseSchema.pick({ accessToken: true }).parse(await answer.json()))
}

export const accountOf = (viewer: Viewer) => env.ACCOUNTS.getByName(viewer.account)
