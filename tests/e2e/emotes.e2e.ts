import { cp, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { describe, expect, inject } from 'vitest'
import { selfSigned } from '../../scripts/stage/certificate.ts'
import { onlyTwitch } from '../../scripts/stage/chromium.ts'
import { until } from '../../scripts/stage/until.ts'
import { CHANNEL } from '../fixtures/emotes/answers.ts'
import { startProviders } from '../fixtures/emotes/providers.ts'
import { test as base, type ChromiumTab, ui } from './stage.ts'

const HOSTS = [
  '7tv.io',
  'cdn.7tv.app',
  'api.betterttv.net',
  'cdn.betterttv.net',
  'api.frankerfacez.com',
  'cdn.frankerfacez.com',
]

/** The same extension as if its viewer had agreed already: nobody can click in the browser's own question here. */
async function granted(): Promise<string> {
  const dir = join(inject('runDir'), 'extension-emotes', basename(inject('chromeDir')))
  await cp(inject('chromeDir'), dir, { recursive: true })
  const path = join(dir, 'manifest.json')
  const { optional_host_permissions: hosts, ...manifest } = JSON.parse(await readFile(path, 'utf8'))
  expect(hosts).toHaveLength(3)
  await writeFile(path, JSON.stringify({ ...manifest, host_permissions: hosts }))
  return dir
}

const test = base.extend<{ providers: Awaited<ReturnType<typeof startProviders>> }>({
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the pattern to learn what a fixture depends on.
  providers: async ({}, use) => {
    const providers = await startProviders(selfSigned('7tv.io'))
    await use(providers)
    await providers.stop()
  },
})

/** The images of emotes in the newest message, by their stacks; only once each of them is there. */
async function shown(tab: ChromiumTab): Promise<(string | null)[][]> {
  const seen = await tab.panel.evaluate((message) => {
    const text = [...document.querySelectorAll(`${message} [data-testid="message-text"]`)].at(-1)
    return [...(text?.querySelectorAll('.stack') ?? [])].map((stack) =>
      [...stack.querySelectorAll('img')].map((image) => ({
        alt: image.getAttribute('alt'),
        isThere: image.complete && image.naturalWidth > 0,
        isInPlace: Math.abs(image.getBoundingClientRect().height - 28) < 1,
      })),
    )
  }, ui.message)
  return seen.map((stack) => stack.map(({ alt, isThere, isInPlace }) => (isThere && isInPlace ? alt : null)))
}

const sees = (tab: ChromiumTab, stacks: string[][]) =>
  until(async () => JSON.stringify(await shown(tab)) === JSON.stringify(stacks), {
    what: `the emotes ${JSON.stringify(stacks)}`,
  })

describe('emotes', () => {
  test('are shown to those who agreed, and asked of nobody for anybody else', async ({
    viewer,
    providers,
  }) => {
    const rules = [
      ...HOSTS.map((host) => `MAP ${host} 127.0.0.1:${providers.port}`),
      onlyTwitch(inject('twitchPort')),
    ]
    // The last of two switches counts.
    const args = [`--host-resolver-rules=${rules.join(', ')}`, '--ignore-certificate-errors']

    const cleo = await viewer('cleo', { args })
    const cleoTab = await cleo.open(CHANNEL.login)
    await cleoTab.signIn()
    await cleoTab.panel.click('[data-testid="emote-picker"]')
    await cleoTab.panel.click('[data-testid="emote-tab-ask"]')
    await cleoTab.panel.waitFor('[data-testid="allow-emotes"]')
    expect(await cleoTab.panel.evaluate(() => typeof chrome.permissions?.request, undefined)).toBe('function')
    await cleoTab.panel.press('[data-testid="emote-search"]', 'Escape')

    const options = { args, extensionDir: await granted() }
    const ann = await viewer('ann', options)
    const annTab = await ann.open(CHANNEL.login)
    expect(providers.asked).toEqual([])
    await annTab.signIn()
    const ben = await viewer('ben', options)
    const benTab = await ben.open(CHANNEL.login)
    await benTab.signIn()
    for (const tab of [annTab, benTab, cleoTab]) await tab.seeMembers(3)
    for (const tab of [annTab, benTab, cleoTab]) await tab.seeLinks(2)
    await until(() => new Set(providers.asked.map(({ path }) => path)).size >= 6, {
      what: 'all sets to be asked for',
    })

    // Completed by Tab, and picked.
    await annTab.panel.fill(ui.composer, 'look PagM')
    await annTab.panel.press(ui.composer, 'Tab')
    await annTab.panel.click('[data-testid="emote-picker"]')
    await annTab.panel.fill('[data-testid="emote-search"]', 'rain')
    await annTab.panel.press('[data-testid="emote-search"]', 'Enter')
    await annTab.panel.until(
      (selector) => document.querySelector<HTMLTextAreaElement>(selector)?.value === 'look PagMan Rain ',
      ui.composer,
      { what: 'the text in the composer' },
    )
    await annTab.panel.press(ui.composer, 'Enter')
    for (const tab of [annTab, benTab]) await sees(tab, [['PagMan', 'Rain']])
    await cleoTab.seeMessage('look PagMan Rain')
    await benTab.say('LULW :tf: and lobosSHAKE')
    for (const tab of [annTab, benTab]) await sees(tab, [['LULW'], [':tf:'], ['lobosSHAKE']])
    await cleoTab.seeMessage('LULW :tf: and lobosSHAKE')
    await annTab.screenshot('emotes')

    // What was said is text, whoever reads it; and nobody was told where it is read.
    expect(new Set(providers.asked.map(({ referrer }) => referrer))).toEqual(new Set([undefined]))
    expect(new Set(providers.asked.map(({ host }) => host))).toEqual(new Set(HOSTS))

    // Kept over a restart: shown although no provider answers.
    for (const path of ['/v1/', '/3/', '/v3/'])
      providers.fail(path, (response) => response.writeHead(503).end())
    await ann.reopen()
    const again = await ann.open(CHANNEL.login)
    await again.seeLinks(2)
    await sees(again, [['LULW'], [':tf:'], ['lobosSHAKE']])
  })
})
