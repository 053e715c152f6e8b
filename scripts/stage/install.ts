import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type BrowserName, browserVariable, findBrowser, puppeteerCache } from './browsers.ts'
import { root } from './paths.ts'

/** Debian's packages: small, signed, and with all the libraries a browser needs. */
const debianPackages: Record<BrowserName, string> = { chromium: 'chromium', firefox: 'firefox-esr' }

/**
 * Installs the browsers that are missing, the way this machine allows: Debian's packages as root or by `sudo` without a password,
 * else a download for this user alone. What the installers print goes to our output, as progress. Returns at once if none is
 * missing.
 *
 * @returns the browsers that are missing still.
 */
export async function installBrowsers(names: readonly BrowserName[]): Promise<BrowserName[]> {
  const missing = () => names.filter((name) => !findBrowser(name))
  if (missing().some((name) => !process.env[browserVariable(name)]) && isDebian() && asRoot()) {
    console.log(`Installing ${missing().join(' and ')} with apt-get …`)
    await apt(...missing().map((name) => debianPackages[name]))
  }
  // A wrong path in CHROMIUM_PATH or FIREFOX_PATH is not mended by a download.
  for (const name of missing().filter((name) => !process.env[browserVariable(name)])) {
    console.log(`Downloading ${name} for this user …`)
    await run([process.execPath, ...downloads[name]()])
  }
  return missing()
}

/**
 * Installs iproute2 where scenarios could have a browser in a network of its own (Linux, as root) and only `ip` is missing.
 * Where they cannot, they say so themselves.
 */
export async function installNetworkTools(): Promise<void> {
  const has = spawnSync('ip', ['-V'], { stdio: 'ignore' }).status === 0
  if (has || !isDebian() || process.getuid?.() !== 0) return
  console.log('Installing iproute2 with apt-get …')
  await apt('iproute2')
}

/** What a person can do about a browser that could not be installed. */
export function adviceFor(name: BrowserName): string {
  const named = process.env[browserVariable(name)]
  if (named) return `${browserVariable(name)} names ${named}, which does not exist.`
  const install = isDebian()
    ? `sudo apt-get update && sudo apt-get install -y ${debianPackages[name]}`
    : ['node', ...downloads[name]().map((word) => word.replace(`${root}/`, ''))].join(' ')
  return `${name} is missing. Install it with\n    ${install}\nor name its executable in ${browserVariable(name)}.`
}

/** Playwright's Chromium, but Mozilla's Firefox: Playwright patches its own, and we drive Firefox by WebDriver BiDi. */
const downloads: Record<BrowserName, () => string[]> = {
  chromium: () => {
    const libraries = process.platform === 'linux' && asRoot() !== undefined ? ['--with-deps'] : []
    return [
      join(root, 'node_modules/playwright-core/cli.js'),
      'install',
      ...libraries,
      '--no-shell',
      'chromium',
    ]
  },
  firefox: () => [
    join(root, 'node_modules/@puppeteer/browsers/lib/main-cli.js'),
    ...['install', 'firefox@stable', '--path', puppeteerCache],
  ],
}

/** Debian and its like, but not Ubuntu: there `chromium` is a snap and `firefox-esr` does not exist. */
function isDebian(): boolean {
  if (!existsSync('/usr/bin/apt-get') || !existsSync('/etc/os-release')) return false
  const ids =
    readFileSync('/etc/os-release', 'utf8')
      .match(/^ID(_LIKE)?=.*/gm)
      ?.join(' ') ?? ''
  return ids.includes('debian') && !ids.includes('ubuntu')
}

/** The words before a command that make it root's; undefined where we may not. */
function asRoot(): string[] | undefined {
  if (process.getuid?.() === 0) return []
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? ['sudo', '-n'] : undefined
}

async function apt(...packages: string[]): Promise<void> {
  const command = [...(asRoot() ?? []), 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get']
  // Waits for a package run that is under way elsewhere, up to 500 s.
  const lock = ['-o', 'DPkg::Lock::Timeout=500']
  if ((await run([...command, ...lock, 'update'])) !== 0) return
  await run([...command, ...lock, 'install', '-y', ...packages])
}

function run([program = '', ...args]: string[]): Promise<number> {
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  return new Promise((ended) => {
    child.once('error', () => ended(127))
    child.once('exit', (code) => ended(code ?? 1))
  })
}
