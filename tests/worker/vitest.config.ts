import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'
import { freePort } from '../../scripts/stage/port.ts'
import { TWITCH_CLIENT_ID, TWITCH_CLIENT_SECRET, TWITCH_PORT_VARIABLE } from './support/twitch-app.ts'

const secret = () => randomBytes(32).toString('base64url')

const signingKeys = () => {
  const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  return JSON.stringify({ keys: [{ ...jwk, kid: 'test', alg: 'EdDSA', use: 'sig' }] })
}

/** The stand's, which is started after the Worker has its variables. */
const twitchPort = process.env[TWITCH_PORT_VARIABLE] ?? String(await freePort())
process.env[TWITCH_PORT_VARIABLE] = twitchPort
const twitch = {
  TWITCH_CLIENT_ID,
  TWITCH_CLIENT_SECRET,
  TWITCH_ISSUER: `http://127.0.0.1:${twitchPort}/oauth2`,
  TWITCH_API: `http://127.0.0.1:${twitchPort}/helix`,
  SEALING_KEYS: JSON.stringify({ keys: [{ kty: 'oct', kid: 'test', k: secret() }] }),
}

/** The Worker on workerd with real Durable Objects; storage is kept apart per file. */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  // Not the root's, which extends what `wxt prepare` generates.
  tsconfig: 'worker/tsconfig.json',
  plugins: [
    cloudflareTest({
      wrangler: { configPath: fileURLToPath(new URL('../../wrangler.toml', import.meta.url)) },
      miniflare: {
        bindings: { SIGNING_KEYS: signingKeys(), PEPPER: secret(), NONCE_KEY: secret(), ...twitch },
      },
    }),
  ],
  test: {
    name: 'worker',
    // The Worker's own log: a line for each request.
    onConsoleLog: (line) => !line.startsWith('{"event":"request"'),
    include: ['tests/worker/**/*.test.ts'],
    globalSetup: ['tests/worker/turn-stand.ts', 'tests/worker/twitch-stand.ts'],
  },
})
