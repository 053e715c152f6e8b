import { createServer } from 'node:http'
import { connect } from 'node:net'
import { twitchHost } from './twitch.ts'

/** A CONNECT proxy under which Twitch is the fixture and no other name exists: Firefox has no resolver rules. */
export interface TwitchProxy {
  readonly port: number
  stop(): Promise<void>
}

/** @param twitchPort where the fixture listens on 127.0.0.1. */
export async function startTwitchProxy(twitchPort: number): Promise<TwitchProxy> {
  const server = createServer((_request, response) => response.writeHead(502).end())
  server.on('connect', (request, client, head) => {
    client.on('error', () => client.destroy())
    if (request.url !== `${twitchHost}:443`) {
      client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
      return
    }
    const upstream = connect(twitchPort, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      upstream.write(head)
      upstream.pipe(client).pipe(upstream)
    })
    upstream.on('error', () => client.destroy())
    client.on('close', () => upstream.destroy())
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP port was given')
  return {
    port: address.port,
    stop: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}
