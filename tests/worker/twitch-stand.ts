import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import type { TestProject } from 'vitest/node'
import { closeServer, listenOnLoopback } from '../../scripts/stage/loopback.ts'
import { startTwitchId, type TwitchId } from '../../scripts/stage/twitch-id.ts'
import {
  TWITCH_CLIENT_ID,
  TWITCH_CLIENT_SECRET,
  TWITCH_PORT_VARIABLE,
  TWITCH_REDIRECT_URI,
} from './support/twitch-app'

declare module 'vitest' {
  interface ProvidedContext {
    twitch: {
      issuer: string
      /** Takes what a test wants to be the case at Twitch; see `commands`. */
      control: string
    }
  }
}

/** What a test may do to a user at Twitch, who is there as soon as somebody is asked for. */
type Command = (twitch: TwitchId, login: string, value: string) => unknown
const commands: Record<string, Command> = {
  user: ({ users }, login) => users.get(login),
  rename: ({ users }, login, value) => {
    users.get(login).login = value
  },
  streams: ({ users }, login, value) => {
    users.get(login).broadcasterType = value === 'partner' || value === 'affiliate' ? value : ''
  },
  /** `value`: logins, or a number of channels that nobody has heard of. */
  moderates: ({ users }, login, value) => {
    const ids = /^\d+$/.test(value)
      ? Array.from({ length: Number(value) }, (_, index) => String(7_000_000 + index))
      : value.split(' ').flatMap((name) => (name === '' ? [] : users.get(name).id))
    users.get(login).moderates.push(...ids)
  },
  'moderates-none': ({ users }, login) => {
    users.get(login).moderates = []
  },
  /** In Twitch's connection settings, or with a new password. */
  disconnect: ({ users, tokens }, login) => tokens.endOf(users.get(login).id),
  /** What happens to access tokens after some hours. */
  'end-access': ({ users, tokens }, login) => tokens.endOf(users.get(login).id, 'AccessToken'),
  live: ({ users, tokens }, login, model) => tokens.countOf(users.get(login).id, model),
  /** `value`: endpoint and what goes wrong there. */
  fault: ({ users }, login, value) => {
    const [endpoint = '', how = ''] = value.split(' ')
    users.get(login).faults.set(endpoint, how)
  },
  heal: ({ users }, login) => users.get(login).faults.clear(),
}

/** A Twitch for the Worker's tests. */
export default async function setup(project: TestProject) {
  const port = Number(process.env[TWITCH_PORT_VARIABLE])
  const twitch = await startTwitchId({
    port,
    redirectUris: [TWITCH_REDIRECT_URI],
    clientId: TWITCH_CLIENT_ID,
    clientSecret: TWITCH_CLIENT_SECRET,
  })
  const server = createServer(async (request, response) => {
    const body: unknown = JSON.parse(await text(request))
    const { command, login, value } = body as Record<'command' | 'login' | 'value', string>
    response.end(JSON.stringify((await commands[command]?.(twitch, login, value)) ?? null))
  })
  project.provide('twitch', {
    issuer: twitch.issuer,
    control: `http://127.0.0.1:${await listenOnLoopback(server)}`,
  })
  return async () => {
    await closeServer(server)
    await twitch.stop()
  }
}
