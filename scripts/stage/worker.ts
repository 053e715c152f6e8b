import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Mail, mailLog } from './mail-log.ts'
import { fillOutbox, type Outbox, openOutbox } from './outbox.ts'
import { root } from './paths.ts'
import { portAnswers } from './port.ts'
import { type ProcessTree, startProcessTree } from './process-tree.ts'
import { adminSecret, devSecrets, turnSecret, twitchSecrets } from './secrets.ts'
import type { TurnServer } from './turn.ts'
import type { TwitchId } from './twitch-id.ts'
import { until } from './until.ts'

export interface WorkerOptions {
  port: number
  /** Durable Objects, R2 and the secrets; the same directory means the same accounts. */
  stateDir: string
  /** `stateDir/outbox` unless told. */
  outboxDir?: string
  /** Plain variables over those of wrangler.toml. */
  vars?: Record<string, string>
  /** The relay that `GET /ice` gives credentials for; none unless told. */
  turn?: Pick<TurnServer, 'urls' | 'secret'>
  /** Where accounts can be linked to; nowhere unless told. */
  twitch?: Pick<TwitchId, 'issuer' | 'api' | 'clientId' | 'clientSecret'>
  /** A wrangler configuration instead of the repository's. */
  config?: string
  /** Each line that wrangler prints. */
  onLine?(line: string): void
  /** Each mail that the Worker sent, with the file it lies in. */
  onMail?(mail: Mail, file: string): void
}

/** The Worker on a local workerd. */
export interface RunningWorker {
  readonly origin: string
  readonly outbox: Outbox
  /** Ends wrangler and workerd and waits until the port is free. */
  stop(): Promise<void>
  /** The same without a warning, as a power cut would. State on disk stays. */
  kill(): Promise<void>
  /** Starts it again on the same port and state, after `stop`, `kill` or neither. */
  restart(): Promise<void>
}

/** Thrown where the port is already somebody else's. */
export class PortTaken extends Error {
  constructor(port: number) {
    super(`port ${port} is taken by another program`)
  }
}

/** Nothing a local run does may depend on, or reach, the outside. */
const closed: NodeJS.ProcessEnv = {
  CI: '1',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  FORCE_COLOR: '0',
  NO_COLOR: '1',
  WRANGLER_SEND_METRICS: 'false',
  X_LOCAL_OBSERVABILITY: 'false',
}

/**
 * Runs the Worker by `wrangler dev` and returns once `GET /health` answers 200.
 *
 * @throws {PortTaken}, or an error with the end of wrangler's log if it does not come up.
 */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { port, stateDir, turn, twitch, config = join(root, 'wrangler.toml') } = options
  const vars = {
    ...(turn && { TURN_URLS: turn.urls.join(' ') }),
    ...(twitch && {
      TWITCH_CLIENT_ID: twitch.clientId,
      TWITCH_ISSUER: twitch.issuer,
      TWITCH_API: twitch.api,
    }),
    ...options.vars,
  }
  const origin = `http://127.0.0.1:${port}`
  const outboxDir = options.outboxDir ?? join(stateDir, 'outbox')
  await mkdir(stateDir, { recursive: true })
  const deliver = await fillOutbox(outboxDir)
  const args = [
    join(root, 'node_modules/wrangler/bin/wrangler.js'),
    ...['dev', '--config', config, '--local'],
    ...['--port', String(port), '--ip', '127.0.0.1', '--inspector-port', '0'],
    ...['--persist-to', stateDir, '--env-file', await devSecrets(stateDir)],
    ...['--env-file', await adminSecret(stateDir)],
    ...(turn ? ['--env-file', await turnSecret(stateDir, turn.secret)] : []),
    ...(twitch ? ['--env-file', await twitchSecrets(stateDir, twitch.clientSecret)] : []),
    ...['--show-interactive-dev-session', 'false', '--log-level', 'log'],
    ...Object.entries(vars).flatMap(([name, value]) => ['--var', `${name}:${value}`]),
  ]

  let tree: ProcessTree | undefined
  const start = async () => {
    if (await portAnswers(port)) throw new PortTaken(port)
    const log: string[] = []
    const note = (line: string) => {
      log.push(line)
      if (log.length > 60) log.shift()
      options.onLine?.(line)
    }
    const lost = (error: unknown) => note(`a mail did not reach the outbox: ${error}`)
    const mails = mailLog((mail) => {
      deliver(mail).then((file) => options.onMail?.(mail, file), lost)
    }, lost)
    const onLine = (line: string) => {
      note(line)
      mails(line)
    }
    tree = startProcessTree(process.execPath, args, { cwd: root, env: { ...process.env, ...closed }, onLine })
    const ended = new AbortController()
    tree.exited.then((code) => ended.abort(new Error(`wrangler ended with code ${code}`)))
    await until(async () => (await fetch(`${origin}/health`)).ok, {
      what: `${origin}/health`,
      timeout: 60_000,
      signal: ended.signal,
    }).catch(async (cause: unknown) => {
      await tree?.kill()
      throw new Error(`the Worker did not come up:\n${log.join('\n')}`, { cause })
    })
  }
  const end = async (how: 'stop' | 'kill') => {
    await tree?.[how]()
    tree = undefined
    await until(async () => !(await portAnswers(port)), { what: `port ${port} to be free again` })
  }

  await start()
  return {
    origin,
    outbox: openOutbox(outboxDir),
    stop: () => end('stop'),
    kill: () => end('kill'),
    async restart() {
      await end('stop')
      await start()
    },
  }
}
