/**
 * The Worker for `npm run bench:worker` and `npm run bench:mesh`: the one that ships, and beside it in the same process the
 * least that a hibernating WebSocket object and a route can be, against which it is measured, and an empty page.
 */
import { DurableObject } from 'cloudflare:workers'
import { Hono } from 'hono'
import type { Env } from '../../worker/env'
import worker, { Room as ShippedRoom } from '../../worker/index'

export { Account, Mailbox, NameShard, Network, TwitchRegistry } from '../../worker/index'

/** How often objects came to life. Counted outside of them, so that looking wakes none. */
const starts = { room: 0, echo: 0 }

export class Room extends ShippedRoom {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    starts.room++
  }
}

export class Echo extends DurableObject {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env)
    starts.echo++
  }

  override fetch(): Response {
    const { 0: theirs, 1: ours } = new WebSocketPair()
    this.ctx.acceptWebSocket(ours)
    ours.send(new Uint8Array(8))
    return new Response(null, { status: 101, webSocket: theirs })
  }

  override webSocketMessage(socket: WebSocket, data: ArrayBuffer | string): void {
    socket.send(data)
  }
}

/** What any request costs: it comes in, is read to its end, and is answered with some JSON. */
const bare = new Hono().all('/bench/bare', async (c) => c.json({ read: (await c.req.text()).length }))

/** Strict enough for a clock that is as fine as it gets. */
const PAGE_HEADERS = {
  'Content-Type': 'text/html',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
}
const page = () =>
  new Response('<!doctype html><title>bench</title><link rel="icon" href="data:,">', {
    headers: PAGE_HEADERS,
  })

type Incoming = Request<unknown, IncomingRequestCfProperties>

/**
 * Pages of the bench stand for the extension's, of which only one renderer is to be had: as those may, they call the Worker,
 * which answers no other page.
 */
function asExtension(request: Incoming): Incoming {
  if (request.headers.get('Origin') !== new URL(request.url).origin) return request
  const headers = new Headers(request.headers)
  headers.delete('Origin')
  return new Request<unknown, IncomingRequestCfProperties>(request, { headers })
}

interface BenchEnv extends Env {
  ECHO: DurableObjectNamespace<Echo>
}

export default {
  fetch(request, env: Cloudflare.Env & BenchEnv, ctx) {
    const { pathname } = new URL(request.url)
    if (pathname === '/bench/starts') return Response.json(starts)
    if (pathname === '/bench/echo') return env.ECHO.getByName('echo').fetch(request)
    if (pathname === '/bench/bare') return bare.fetch(request)
    if (pathname === '/bench/page') return page()
    return worker.fetch(asExtension(request), env, ctx)
  },
} satisfies ExportedHandler<Cloudflare.Env & BenchEnv>
