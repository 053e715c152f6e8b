import { mkdir } from 'node:fs/promises'
import { findBrowser } from './browsers.ts'
import { onlyTwitch } from './chromium.ts'
import { root } from './paths.ts'
import { startProcessTree } from './process-tree.ts'
import type { Twitch } from './twitch.ts'

export interface WindowOptions {
  extensionDir: string
  profileDir: string
  url: string
  /** The fixture in place of the real Twitch. */
  twitch?: Pick<Twitch, 'port'> | undefined
}

/** A browser for a person. */
export interface Window {
  /** Resolves when the person has closed it. */
  readonly closed: Promise<unknown>
  close(): Promise<void>
}

/**
 * Opens Chromium with the extension for somebody to use: no automation, which Twitch would notice and refuse to sign in.
 *
 * @throws where no Chromium is installed.
 */
export async function openWindow({ extensionDir, profileDir, url, twitch }: WindowOptions): Promise<Window> {
  const executable = findBrowser('chromium')
  if (!executable) throw new Error('no Chromium found: `node scripts/install-browsers.ts` installs it')
  await mkdir(profileDir, { recursive: true })
  const fixture = twitch
    ? [`--host-resolver-rules=${onlyTwitch(twitch.port)}`, '--ignore-certificate-errors', '--test-type']
    : []
  // Chromium's sandbox does not work for root.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox', '--test-type'] : []
  const tree = startProcessTree(
    executable,
    [
      `--user-data-dir=${profileDir}`,
      `--disable-extensions-except=${extensionDir}`,
      `--load-extension=${extensionDir}`,
      '--no-first-run',
      '--no-default-browser-check',
      ...fixture,
      ...sandbox,
      url,
    ],
    { cwd: root, env: process.env, onLine: () => {} },
  )
  return { closed: tree.exited, close: () => tree.stop() }
}
