import { createServer } from 'node:https'
import { answer } from '../../tests/fixtures/twitch/serve.ts'
import { selfSigned } from './certificate.ts'
import { closeServer, listenOnLoopback } from './loopback.ts'

/** The Twitch-shaped site on this machine; browsers that `launchChromium` and `launchFirefox` start see it at its true origin. */
export interface Twitch {
  readonly port: number
  stop(): Promise<void>
}

/** Where Twitch is, and where the fixture appears to be. */
export const twitchHost = 'www.twitch.tv'
export const twitchOrigin = `https://${twitchHost}`

/** Serves the Twitch-shaped page over HTTPS on 127.0.0.1, for any path. Port 0, the default, takes a free one. */
export async function startTwitch({ port = 0 }: { port?: number } = {}): Promise<Twitch> {
  const server = createServer(selfSigned(twitchHost), (request, response) => {
    const { pathname } = new URL(request.url ?? '/', twitchOrigin)
    answer(pathname).then(({ status, headers, body }) => response.writeHead(status, headers).end(body))
  })
  return { port: await listenOnLoopback(server, port), stop: () => closeServer(server) }
}
