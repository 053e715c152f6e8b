import browser from 'webextension-polyfill'
import { type DevicePlatform, devicePlatformSchema } from '../protocol/api'

const SYSTEMS: Readonly<Record<string, string>> = {
  android: 'Android',
  cros: 'ChromeOS',
  linux: 'Linux',
  mac: 'macOS',
  openbsd: 'OpenBSD',
  win: 'Windows',
}

/** Browsers on Chromium name themselves beside it; what is none of these is Chrome's business. */
const BRANDS: Readonly<Record<string, string>> = {
  'Microsoft Edge': 'Edge',
  Opera: 'Opera',
  Brave: 'Brave',
  Vivaldi: 'Vivaldi',
  'Google Chrome': 'Chrome',
  Chromium: 'Chromium',
}

/** What this browser is called in the list of its owner's devices; `undefined` where it does not say. */
export async function devicePlatform(): Promise<DevicePlatform | undefined> {
  try {
    const { os } = await browser.runtime.getPlatformInfo()
    return devicePlatformSchema.safeParse({ browser: await browserName(), system: SYSTEMS[os] }).data
  } catch {
    // Nothing to hold a sign-in up for.
    return undefined
  }
}

async function browserName(): Promise<string | undefined> {
  // Firefox alone has this.
  if ('getBrowserInfo' in browser.runtime) return (await browser.runtime.getBrowserInfo()).name
  const named = new Set(brandsIn(navigator))
  return Object.entries(BRANDS).find(([brand]) => named.has(brand))?.[1]
}

/** Brands of the User-Agent Client Hints, which the platform types do not know yet. */
function brandsIn(from: object): string[] {
  const data: unknown = 'userAgentData' in from ? from.userAgentData : undefined
  const brands: unknown = typeof data === 'object' && data !== null && 'brands' in data ? data.brands : []
  if (!Array.isArray(brands)) return []
  return brands.flatMap((entry: unknown) =>
    typeof entry === 'object' && entry !== null && 'brand' in entry && typeof entry.brand === 'string'
      ? [entry.brand]
      : [],
  )
}
