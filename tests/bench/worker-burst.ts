import { Agent, request } from 'node:http'
import { each } from '../http/each.ts'
import type { Ask } from './worker-members.ts'

export interface Answer {
  status: number
  body: string
  /** Until the whole of it was there. */
  ms: number
}

export interface Burst {
  answers: Answer[]
  perSecond: number
  /** What this process used of a core meanwhile, as a share. Near 1, the client is what was measured. */
  client: number
}

/** Sends everything, `abreast` at a time over as many connections. A request that fails counts as answered with 0. */
export async function burst(
  asks: readonly Ask[],
  { origin, abreast }: { origin: string; abreast: number },
): Promise<Burst> {
  const agent = new Agent({ keepAlive: true, maxSockets: abreast })
  const before = process.cpuUsage()
  const began = performance.now()
  const answers = await each(asks, (ask) => answerTo(ask, origin, agent), abreast)
  const ms = performance.now() - began
  const { user, system } = process.cpuUsage(before)
  agent.destroy()
  return { answers, perSecond: asks.length / (ms / 1_000), client: (user + system) / 1_000 / ms }
}

// `fetch` costs a client more than twice as much.
function answerTo({ method, path, headers, body }: Ask, origin: string, agent: Agent): Promise<Answer> {
  const began = performance.now()
  return new Promise((done) => {
    const end = (status: number, text: string) => done({ status, body: text, ms: performance.now() - began })
    const outgoing = request(origin + path, { method, headers, agent }, (incoming) => {
      let text = ''
      incoming.setEncoding('utf8')
      incoming.on('data', (part: string) => {
        text += part
      })
      incoming.on('end', () => end(incoming.statusCode ?? 0, text))
      incoming.on('error', () => end(0, ''))
    })
    outgoing.on('error', () => end(0, ''))
    outgoing.end(body)
  })
}
