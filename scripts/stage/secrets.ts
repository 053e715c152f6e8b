import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

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
    `SIGNING_KEYS='${JSON.stringify({ keys: [signingKey()] })}'`,
    `PEPPER=${randomBytes(32).toString('base64url')}`,
    `NONCE_KEY=${randomBytes(32).toString('base64url')}`,
  ]
  // Renamed into place, so that an interrupted start never leaves half a set of keys.
  await writeFile(`${file}.part`, `${lines.join('\n')}\n`, { mode: 0o600 })
  await rename(`${file}.part`, file)
  return file
}

/** The same for what a relay and the Worker share: another env file, because a relay is started anew for each run. */
export async function turnSecret(stateDir: string, secret: string): Promise<string> {
  const file = join(stateDir, 'turn.env')
  await writeFile(file, `TURN_SECRET=${secret}\n`, { mode: 0o600 })
  return file
}

/** A private Ed25519 JWK; its `kid` is the RFC 7638 thumbprint. */
function signingKey() {
  const { kty, crv, x, d } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  const kid = createHash('sha256').update(JSON.stringify({ crv, kty, x })).digest('base64url')
  return { kty, crv, x, d, kid, alg: 'EdDSA', use: 'sig' }
}
