import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type BrowserName, browserVariable, findBrowser, puppeteerCache } from './browsers.ts'
import { root } from './paths.ts'
import { findTurnServer } from './turn.ts'

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

/** A program that scenarios start, by the package that brings it. */
interface Tool {
  name: string
  isThere(): boolean
  /** Whether a package of Debian's is of use only to root: it is about networks of a browser's own. */
  forRoot: boolean
}

const answers = (program: string, word: string) =>
  spawnSync(program, [word], { stdio: 'ignore' }).status === 0

const tools: readonly Tool[] = [
  { name: 'iproute2', isThere: () => answers('ip', '-V'), forRoot: true },
  { name: 'tcpdump', isThere: () => answers('tcpdump', '--version'), forRoot: true },
  { name: 'coturn', isThere: () => findTurnServer() !== undefined, forRoot: false },
]

/**
 * Installs what scenarios need besides browsers, as far as this machine allows: a TURN server, and for networks of a browser's
 * own (Linux, as root) `ip` and `tcpdump`. Where something cannot be had, the scenarios that need it say so themselves.
 */
export async function installTools(): Promise<void> {
  const isRoot = process.platform === 'linux' && process.getuid?.() === 0
  const missing = tools.filter(({ isThere, forRoot }) => (isRoot || !forRoot) && !isThere())
  if (missing.length === 0) return
  const names = missing.map(({ name }) => name)
  const sudo = existsSync('/usr/bin/apt-get') ? asRoot() : undefined
  if (!sudo) return console.log(`Not installed, and wanted by some scenarios: ${names.join(' and ')}`)
  console.log(`Installing ${names.join(' and ')} with apt-get …`)
  await apt(...names)
  // The package starts a server for everybody; scenarios start their own.
  if (names.includes('coturn')) await run([...sudo, 'systemctl', 'disable', '--now', 'coturn'], 'ignore')
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

function run([program = '', ...args]: string[], output: 'inherit' | 'ignore' = 'inherit'): Promise<number> {
  const child = spawn(program, args, { stdio: ['ignore', output, output] })
  return new Promise((ended) => {
    child.once('error', () => ended(127))
    child.once('exit', (code) => ended(code ?? 1))
  })
}
