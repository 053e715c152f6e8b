import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { firstKeys } from '../signing-keys.ts'

/**
 * Makes sure that a local Worker has its secrets, and returns the path of the env file that holds them.
 *
 * They live beside the Worker's state and share its fate: accounts are found through `PEPPER`, so a new pepper over old state would
 * orphan every account. Nothing here is ever printed; the file is readable by its owner alone.
 */
export async function devSecrets(stateDir: string): Promise<string> {
  const file = join(stateDir, 'secrets.env')
  if (existsSync(file)) return file
  await mkdir(stateDir, { recursive: true })
  const lines = [
    `SIGNING_KEYS='${JSON.stringify(await firstKeys(Date.now()))}'`,
    `PEPPER=${randomBytes(32).toString('base64url')}`,
    `NONCE_KEY=${randomBytes(32).toString('base64url')}`,
  ]
  // Renamed into place, so that an interrupted start never leaves half a set of keys.
  await writeFile(`${file}.part`, `${lines.join('\n')}\n`, { mode: 0o600 })
  await rename(`${file}.part`, file)
  return file
}

/** The same for the operator's key: another env file, because the first may be from before there was one. */
export async function adminSecret(stateDir: string): Promise<string> {
  const file = join(stateDir, 'admin.env')
  if (existsSync(file)) return file
  await writeFile(`${file}.part`, `ADMIN_KEY=${randomBytes(32).toString('base64url')}\n`, { mode: 0o600 })
  await rename(`${file}.part`, file)
  return file
}

/** The operator's key of a local Worker; `undefined` where there is none. */
export async function adminKeyIn(stateDir: string): Promise<string | undefined> {
  const text = await readFile(join(stateDir, 'admin.env'), 'utf8').catch(() => '')
  return /^ADMIN_KEY=(.+)$/m.exec(text)?.[1]
}

/** The same for what the Worker and a Twitch of this run share; the keys that seal tokens are the state's. */
export async function twitchSecrets(stateDir: string, clientSecret: string): Promise<string> {
  const keys = join(stateDir, 'sealing-keys.json')
  if (!existsSync(keys)) {
    const key = { kty: 'oct', kid: 'local', k: randomBytes(32).toString('base64url') }
    await writeFile(`${keys}.part`, JSON.stringify({ keys: [key] }), { mode: 0o600 })
    await rename(`${keys}.part`, keys)
  }
  const file = join(stateDir, 'twitch.env')
  const lines = [`SEALING_KEYS='${await readFile(keys, 'utf8')}'`, `TWITCH_CLIENT_SECRET=${clientSecret}`]
  await writeFile(file, `${lines.join('\n')}\n`, { mode: 0o600 })
  return file
}

/** The same for what a relay and the Worker share: another env file, because a relay is started anew for each run. */
export async function turnSecret(stateDir: string, secret: string): Promise<string> {
  const file = join(stateDir, 'turn.env')
  await writeFile(file, `TURN_SECRET=${secret}\n`, { mode: 0o600 })
  return file
}
