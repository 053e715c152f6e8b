import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

/** The browsers Sidestream is made for. */
export type BrowserName = 'chromium' | 'firefox'

interface Places {
  /** The variable that names the executable outright. */
  variable: string
  commands: readonly string[]
  files: readonly string[]
  /** Where `install-browsers` downloads to: `<cache>/<folder of a version>/<one of these>`. */
  cache: string
  prefix: string
  cached: readonly string[]
}

const { env, platform } = process
const programs = [env.ProgramFiles, env['ProgramFiles(x86)'], env.LOCALAPPDATA]
const inPrograms = (path: string) => programs.flatMap((dir) => (dir ? [join(dir, path)] : []))

/** Puppeteer's cache, which `@puppeteer/browsers` fills. */
export const puppeteerCache = env.PUPPETEER_CACHE_DIR ?? join(homedir(), '.cache/puppeteer')

/**
 * Google Chrome is not among them: since version 137 it ignores `--load-extension`. Firefox ESR and the release both take
 * temporary extensions.
 */
const places: Record<BrowserName, Places> = {
  chromium: {
    variable: 'CHROMIUM_PATH',
    commands: ['chromium', 'chromium-browser', 'ungoogled-chromium'],
    files: [
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
      ...inPrograms('Chromium/Application/chrome.exe'),
    ],
    cache: playwrightCache(),
    prefix: 'chromium-',
    cached: [
      'chrome-linux/chrome',
      'chrome-linux64/chrome',
      'chrome-mac/Chromium.app/Contents/MacOS/Chromium',
      'chrome-mac-arm64/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing',
      'chrome-mac-x64/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing',
      'chrome-win/chrome.exe',
      'chrome-win64/chrome.exe',
    ],
  },
  firefox: {
    variable: 'FIREFOX_PATH',
    commands: ['firefox-esr', 'firefox'],
    files: ['/Applications/Firefox.app/Contents/MacOS/firefox', ...inPrograms('Mozilla Firefox/firefox.exe')],
    cache: join(puppeteerCache, 'firefox'),
    prefix: '',
    cached: ['firefox/firefox', 'Firefox.app/Contents/MacOS/firefox', 'core/firefox.exe'],
  },
}

/** The variable with which a browser is chosen by hand. */
export const browserVariable = (name: BrowserName): string => places[name].variable

/** The executable of a browser that can run the extension, or undefined. Looks at the disk only; starts nothing. */
export function findBrowser(name: BrowserName): string | undefined {
  const { variable, commands, files, cache, prefix, cached } = places[name]
  const named = env[variable]
  if (named) return existsSync(named) ? named : undefined
  const dirs = [...(env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/local/bin']
  const onPath = commands.flatMap((command) => dirs.map((dir) => join(dir, command)))
  const downloaded = versions(cache, prefix).flatMap((dir) => cached.map((file) => join(dir, file)))
  return [...onPath, ...files, ...downloaded].find((file) => existsSync(file) && !isSnap(file))
}

/** Whether a window can be shown to somebody. */
export function hasDisplay(): boolean {
  if (platform === 'darwin' || platform === 'win32') return !env.CI
  return Boolean(env.DISPLAY || env.WAYLAND_DISPLAY)
}

/** Snaps see neither our profiles in /tmp nor hidden directories; Ubuntu's `chromium-browser` is a script that calls one. */
function isSnap(file: string): boolean {
  if (platform !== 'linux') return false
  const real = realpathSync(file)
  return (
    /\/snap(\/|$)/.test(real) || readFileSync(real).subarray(0, 4096).toString('latin1').includes('/snap/')
  )
}

function playwrightCache(): string {
  if (env.PLAYWRIGHT_BROWSERS_PATH) return env.PLAYWRIGHT_BROWSERS_PATH
  if (platform === 'darwin') return join(homedir(), 'Library/Caches/ms-playwright')
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? homedir(), 'ms-playwright')
  return join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'ms-playwright')
}

/** A cache's folders, newest version first. */
function versions(cache: string, prefix: string): string[] {
  if (!existsSync(cache)) return []
  return readdirSync(cache)
    .filter((folder) => folder.startsWith(prefix))
    .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
    .map((folder) => join(cache, folder))
}
