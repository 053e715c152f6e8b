import type { Page } from 'playwright-core'
import { expect, onTestFinished } from 'vitest'
import { until } from '../../scripts/stage/until.ts'
import type { RunningWorker } from '../../scripts/stage/worker.ts'
import { bundle } from './bundle.ts'
import type { MembersPage, Sight } from './members-page.ts'
import { type ChromiumViewer, choose, test } from './stage.ts'

const room = 'lastlantern'
/** More than a full mesh has: Ann, Ben, and members without a browser of their own. */
const SIZE = 11
const GUESTS = (SIZE - 2) / 3
const MOST_LINKS = 5

/** Members that live in a page of somebody's browser: the Worker answers no other page than the extension's. */
async function guestsIn({ name, browser }: ChromiumViewer, worker: RunningWorker, script: string) {
  const host: Page = await browser.openPopup()
  await host.exposeFunction('codeFor', (email: string) => worker.outbox.waitForCode(email))
  await host.evaluate(script)
  const call = <Name extends keyof MembersPage>(what: Name, ...args: Parameters<MembersPage[Name]>) =>
    host.evaluate(
      ([what, args]) => {
        const { page } = globalThis as unknown as { page: Record<string, (...args: unknown[]) => unknown> }
        return page[what]?.(...args)
      },
      [what, args] as const,
    ) as Promise<Awaited<ReturnType<MembersPage[Name]>>>
  const emails = Array.from({ length: GUESTS }, (_, index) => `${name}-guest-${index}@example.com`)
  const devices = await Promise.all(emails.map((email) => call('join', worker.origin, email, room)))
  return { call, devices }
}
type Guests = Awaited<ReturnType<typeof guestsIn>>

test('a room whose Worker is gone for good talks on, mends when members go, and finds links for one that has but one', async ({
  own,
  viewer,
}) => {
  const { worker, extensionDir } = own
  const script = await bundle('tests/e2e/members-page.ts')
  const host = async (name: string) => {
    const someone = await viewer(name, { extensionDir })
    return { someone, guests: await guestsIn(someone, worker, script) }
  }
  const enter = async (name: string) => {
    const { someone, guests } = await host(name)
    const tab = await someone.open(room)
    await tab.signIn(undefined, worker.outbox)
    await choose(someone, 'direct')
    return { tab, guests }
  }
  const [ann, ben, cleo] = await Promise.all([enter('ann'), enter('ben'), host('cleo')])
  const tabs = [ann.tab, ben.tab]
  let groups: Guests[] = [ann.guests, ben.guests, cleo.guests]
  let lastSeen = ''
  onTestFinished(({ task }) => {
    if (task.result?.state === 'fail') console.log(lastSeen)
  })

  const look = async () => {
    const sights = Object.assign({}, ...(await Promise.all(groups.map(({ call }) => call('look')))))
    lastSeen = JSON.stringify(sights, null, 1)
    return Object.values(sights as Record<string, Sight>)
  }
  const all = (what: string, holds: (sight: Sight) => boolean, timeout = 30_000) =>
    until(async () => (await look()).every(holds), { what, timeout, interval: 200 })
  /** Somebody of each browser says something, and everybody hears it. */
  const talk = async (words: string) => {
    const lines: string[] = []
    for (const [index, { call, devices }] of groups.entries()) {
      const line = `${words}, says guest ${index}`
      await call('say', devices[0] ?? '', line)
      lines.push(line)
    }
    await ann.tab.say(`${words}, says a viewer`)
    lines.push(`${words}, says a viewer`)
    await all(words, ({ texts }) => lines.every((line) => texts.includes(line)))
    for (const tab of tabs) for (const line of lines) await tab.seeMessage(line, 20_000)
  }
  const isSettled = ({ links, open, direct, isFullMesh }: Sight) =>
    !isFullMesh && links.length >= 2 && links.length <= MOST_LINKS && open === links.length && direct === open
  await all('all to know each other', (sight) => sight.people === SIZE && isSettled(sight))
  await worker.kill()
  await all('the Worker to be gone', ({ hasServer }) => !hasServer)
  for (const tab of tabs) await tab.seeConnection({ state: 'connected', server: false })
  await talk('without a server')

  // One has but one link left: whom it finds it can only have asked over that.
  await all('no link to be about to end', isSettled)
  const [lonely = ''] = ann.guests.devices
  const sightOf = async () => (await ann.guests.call('look'))[lonely]
  const before = (await sightOf())?.opened ?? 0
  expect(await ann.guests.call('loseAllButOne', lonely)).toHaveLength(1)
  await until(
    async () => {
      const { opened = 0, direct = 0, links = [] } = (await sightOf()) ?? {}
      return opened >= before + 2 && direct >= 3 && links.length >= 3
    },
    { what: 'new links for one that has but one', timeout: 30_000 },
  )
  expect((await look()).some(({ hasServer }) => hasServer)).toBe(false)
  await talk('found each other')

  // Three die with their browser, and one says goodbye.
  const dead = new Set(cleo.guests.devices)
  groups = [ann.guests, ben.guests]
  await cleo.someone.kill()
  const [, leaving = ''] = ben.guests.devices
  await ben.guests.call('leave', leaving)
  await talk('fewer than before')
  await all(
    'nobody to count on the dead',
    ({ links }) => links.length >= 2 && !links.some((peer) => dead.has(peer)),
  )
  await talk('as many as are left')
}, 120_000)
