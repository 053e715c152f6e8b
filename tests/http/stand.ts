import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../scripts/stage/port.ts'
import { startWorker } from '../../scripts/stage/worker.ts'
import { Attacker, type Session, type Tampering } from './attacker'
import { mailedCodes } from './mailed-codes'
import { type RawAnswer, raw } from './raw'

interface Asked {
  tampering?: Tampering
  headers?: Record<string, string>
  body?: Uint8Array
}

/** A Worker by `wrangler dev`, and somebody signed in to it who does as they like. */
export interface Stand {
  readonly origin: string
  readonly viewer: Attacker
  readonly session: Session
  /** The code that was mailed to an address. */
  codeFor(email: string): Promise<string>
  /** A request of the viewer's, with a proof made for it. */
  asked(method: string, path: string, more?: Asked): Promise<RawAnswer>
  /** A secret of the Worker's: for what would take the clock to come by. */
  secret(name: 'NONCE_KEY' | 'SIGNING_KEYS'): Promise<string>
  stop(): Promise<void>
}

export const newAddress = () => `${crypto.randomUUID()}@example.com`

export async function openStand(): Promise<Stand> {
  const dir = await mkdtemp(join(tmpdir(), 'sidestream-http-'))
  const codes = mailedCodes()
  const worker = await startWorker({ port: await freePort(), stateDir: dir, onMail: codes.onMail })
  const { origin } = worker
  const viewer = await Attacker.at(origin)
  const email = newAddress()
  await viewer.askCode(email)
  const session = await viewer.signIn(email, await codes.codeFor(email))
  return {
    origin,
    viewer,
    session,
    codeFor: codes.codeFor,
    async asked(method, path, { tampering = {}, headers = {}, body } = {}) {
      const DPoP = await viewer.proof({ method, path, accessToken: session.accessToken }, tampering)
      const shown = { Authorization: `DPoP ${session.accessToken}`, DPoP, ...headers }
      return raw(origin, { method, path, headers: shown, ...(body && { body }) })
    },
    async secret(name) {
      const text = await readFile(join(dir, 'secrets.env'), 'utf8')
      return new RegExp(`^${name}='?(.+?)'?$`, 'm').exec(text)?.[1] ?? ''
    },
    async stop() {
      await worker.stop()
      await rm(dir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
