import { createServer } from 'node:http'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { closeServer, listenOnLoopback } from './loopback.ts'
import { twitchHost } from './twitch.ts'

/** A CONNECT proxy under which Twitch is the fixture and no other name exists: Firefox has no resolver rules. */
export interface TwitchProxy {
  readonly port: number
  stop(): Promise<void>
}

/** @param twitchPort where the fixture listens on 127.0.0.1. */
export async function startTwitchProxy(twitchPort: number): Promise<TwitchProxy> {
  const server = createServer((_request, response) => response.writeHead(502).end())
  // Once it is a tunnel, the server knows a connection no more, and yet waits for it to close.
  const tunnels = new Set<Duplex>()
  server.on('connect', (request, client, head) => {
    tunnels.add(client)
    client.on('close', () => tunnels.delete(client))
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
  return {
    port: await listenOnLoopback(server),
    stop: () => {
      for (const tunnel of tunnels) tunnel.destroy()
      return closeServer(server)
    },
  }
}
