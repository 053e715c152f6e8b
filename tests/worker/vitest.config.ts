import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'

const secret = () => randomBytes(32).toString('base64url')

const signingKeys = () => {
  const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  return JSON.stringify({ keys: [{ ...jwk, kid: 'test', alg: 'EdDSA', use: 'sig' }] })
}

/** The Worker on workerd with real Durable Objects; storage is kept apart per file. */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  // Not the root's, which extends what `wxt prepare` generates.
  tsconfig: 'worker/tsconfig.json',
  plugins: [
    cloudflareTest({
      wrangler: { configPath: fileURLToPath(new URL('../../wrangler.toml', import.meta.url)) },
      miniflare: { bindings: { SIGNING_KEYS: signingKeys(), PEPPER: secret(), NONCE_KEY: secret() } },
    }),
  ],
  test: {
    name: 'worker',
    include: ['tests/worker/**/*.test.ts'],
    globalSetup: 'tests/worker/turn-stand.ts',
  },
})
