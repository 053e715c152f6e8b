import { spawn } from 'node:child_process'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import type { TestProject } from 'vitest/node'
import { closeServer, listenOnLoopback } from '../../scripts/stage/loopback.ts'
import { findTurnServer, startTurnServer } from '../../scripts/stage/turn.ts'
import { CLOUDFLARE_TOKEN } from './support/cloudflare'

declare module 'vitest' {
  interface ProvidedContext {
    /** A server that answers like Cloudflare's TURN API, each key its own way; see `answers`. */
    cloudflare: string
    /** A real coturn, if this machine has one, and where to have credentials tried on it. */
    turn: { urls: string[]; secret: string; trial: string } | null
  }
}

const json = (response: ServerResponse, status: number, body: unknown) =>
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))

const secrets = { username: 'bc91b63e', credential: 'ebd71f1d' }
/** As documented, https://developers.cloudflare.com/realtime/turn/generate-credentials/. */
const documented = {
  iceServers: [
    { urls: ['stun:stun.cloudflare.com:3478', 'stun:stun.cloudflare.com:53'] },
    {
      urls: [
        'turn:turn.cloudflare.com:3478?transport=udp',
        'turn:turn.cloudflare.com:53?transport=udp',
        'turn:turn.cloudflare.com:3478?transport=tcp',
        'turn:turn.cloudflare.com:80?transport=tcp',
        'turns:turn.cloudflare.com:5349?transport=tcp',
        'turns:turn.cloudflare.com:443?transport=tcp',
      ],
      ...secrets,
    },
  ],
}
/** What each key id is answered. */
const answers: Record<string, (response: ServerResponse, ttl: number) => unknown> = {
  good: (response) => json(response, 201, documented),
  // Tells in the user name what it was asked for.
  ttl: (response, ttl) =>
    json(response, 201, { iceServers: [{ urls: ['turn:a.test'], username: `ttl-${ttl}`, credential: 'c' }] }),
  broken: (response) => json(response, 500, { errors: ['secret words'] }),
  limited: (response) => json(response, 429, {}),
  elsewhere: (response) =>
    response.writeHead(307, { Location: '/v1/turn/keys/good/credentials/generate-ice-servers' }).end(),
  nonsense: (response) => response.writeHead(201).end('<html>secret words</html>'),
  empty: (response) => response.writeHead(201).end(),
  'no-relay': (response) => json(response, 201, { iceServers: [documented.iceServers[0]] }),
  'port-53': (response) =>
    json(response, 201, { iceServers: [{ urls: ['turn:a.test:53?transport=udp'], ...secrets }] }),
  'no-secrets': (response) => json(response, 201, { iceServers: [{ urls: ['turn:a.test'] }] }),
  'wrong-types': (response) => json(response, 201, { iceServers: [{ urls: [7], ...secrets }] }),
  endless: (response) => {
    response.writeHead(201)
    const filling = setInterval(() => response.write('[{"urls":['.repeat(2_000)), 1)
    response.once('close', () => clearInterval(filling))
  },
  silent: () => undefined,
  // Headers at once, a body never.
  stuck: (response) => response.writeHead(201).write('{"iceServers":['),
  cut: (response) => {
    response.writeHead(201, { 'Content-Length': '1000' }).write('{"iceServers":[')
    setTimeout(() => response.destroy(), 20)
  },
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
  const body: unknown = JSON.parse((await text(request)) || '{}')
  if (request.url === '/trial') {
    const { url, username, credential } = body as Record<'url' | 'username' | 'credential', string>
    return json(response, 200, { isAllocated: await allocates(url, username, credential) })
  }
  const key = /^\/v1\/turn\/keys\/([\w-]+)\/credentials\/generate-ice-servers$/.exec(request.url ?? '')?.[1]
  const ttl = Number((body as { ttl?: unknown }).ttl)
  if (request.method !== 'POST' || key === undefined) return json(response, 404, {})
  if (request.headers.authorization !== `Bearer ${CLOUDFLARE_TOKEN}`) return json(response, 401, {})
  const isAsked = request.headers['content-type'] === 'application/json' && Number.isInteger(ttl) && ttl > 0
  return isAsked ? answers[key]?.(response, ttl) : json(response, 400, {})
}

/** Whether coturn allocates a relay for these credentials and relays by it: coturn's own client says. Takes 5 s if so. */
function allocates(url: string, username: string, credential: string): Promise<boolean> {
  const [, host = '', port = ''] = url.split(/[:?]/)
  const words = ['-u', username, '-w', credential, '-y', '-c', '-n', '1', '-m', '1', '-X', '-p', port, host]
  const client = spawn('turnutils_uclient', words, { stdio: 'ignore', timeout: 30_000 })
  return new Promise((settle, failed) => {
    client.once('error', failed)
    client.once('exit', (code) => settle(code === 0))
  })
}

/** What the Worker's tests need outside of workerd. */
export default async function setup(project: TestProject) {
  const server = createServer((request, response) => void answer(request, response))
  const origin = `http://127.0.0.1:${await listenOnLoopback(server)}`
  const turn = findTurnServer() ? await startTurnServer() : undefined
  project.provide('cloudflare', origin)
  project.provide(
    'turn',
    turn ? { urls: [...turn.urls], secret: turn.secret, trial: `${origin}/trial` } : null,
  )
  return async () => {
    await turn?.stop()
    await closeServer(server)
  }
}
