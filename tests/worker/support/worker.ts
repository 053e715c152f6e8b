import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { canonicalEmail } from '../../../protocol/email'
import { problemSchema } from '../../../protocol/errors'
import { app } from '../../../worker/app'
import type { Env } from '../../../worker/env'

export const ORIGIN = 'https://sidestream.test'
export const EXTENSION = 'chrome-extension://jjcmgcjjkfaoelolhidopeebdigcohpg'

export interface Mail {
  from: string
  to: string
  subject: string
  text: string
}

/** What was mailed, oldest first. */
export const mails: Mail[] = []

/** The real bindings, except that mail stays here. */
export const workerEnv: Env = {
  ...env,
  EMAIL: {
    async send(mail) {
      mails.push(mail)
    },
  },
}

export interface Call {
  body?: unknown
  headers?: Record<string, string>
  env?: Partial<Env>
}

/** One request to the Worker's routes. A string body goes out as it is. */
export async function call(method: string, path: string, { body, headers = {}, env = {} }: Call = {}) {
  const request = new Request(ORIGIN + path, {
    method,
    headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  return app.fetch(request, { ...workerEnv, ...env }, createExecutionContext())
}

/** The stable code of a problem answer, whose shape is checked along the way. */
export async function problemOf(response: Response) {
  if (response.headers.get('Content-Type') !== 'application/problem+json') {
    throw new Error(`no problem: ${response.status} ${await response.text()}`)
  }
  const problem = problemSchema.parse(await response.json())
  if (problem.status !== response.status) throw new Error('two statuses')
  return problem
}

export const codeOf = async (response: Response) => (await problemOf(response)).code

export async function freshNonce(): Promise<string> {
  return (await call('GET', '/health')).headers.get('DPoP-Nonce') ?? ''
}

let addresses = 0
/** An address that nobody has used yet. */
export const newAddress = () => `viewer-${++addresses}-${crypto.randomUUID()}@example.com`

let networks = 0
/** An IP address of a network that nobody came from yet. */
export const newNetwork = () => `10.${++networks >> 8}.${networks & 255}.1`

/** The code in the newest mail to `address`, however that is spelt. */
export function mailedCode(address: string): string {
  const mail = mails.findLast(({ to }) => to === canonicalEmail(address))
  const code = /(?<!\d)\d{6}(?!\d)/.exec(mail?.text ?? '')?.[0]
  if (code === undefined) throw new Error('no code was mailed')
  return code
}
