import { decodeJwt } from 'jose'
import { describe, expect, inject } from 'vitest'
import { until } from '../../scripts/stage/until.ts'
import { type InnerSignal, listening, signalsInside } from './listening.ts'
import { test } from './stage.ts'
import {
  answer,
  ask,
  inChromium,
  inFirefox,
  LINK,
  type Linker,
  LOGIN,
  openSection,
  type Page,
  PROBLEM,
  press,
  SHOW,
  STATUS,
  see,
  seeWords,
  wordsIn,
} from './twitch-linking.ts'

/** Says no, then closes the window, then says yes while the popup is closed. Returns a popup that tells of the link. */
async function link(viewer: Linker, login: string): Promise<Page> {
  const popup = await openSection(viewer)
  const refusing = await ask(viewer, popup)
  await answer(refusing, 'no')
  await seeWords(popup, PROBLEM, 'Nothing was linked')
  const closing = await ask(viewer, popup)
  await closing.close()
  await seeWords(popup, PROBLEM, 'Nothing was linked')

  const agreeing = await ask(viewer, popup)
  await popup.close()
  await agreeing.type('input[name="login"]', login)
  await answer(agreeing, 'yes')
  await until(async () => !(await viewer.pages()).includes(agreeing), { what: 'Twitch’s window to close' })
  const again = await openSection(viewer)
  await seeWords(again, LOGIN, login)
  expect(await again.evaluate(wordsIn, `${SHOW}:checked`)).toBeUndefined()
  return again
}

async function unlink(popup: Page): Promise<void> {
  await press(popup, '[data-testid="twitch-unlink"]')
  await press(popup, '[data-testid="twitch-unlink-confirm"]')
  await seeWords(popup, STATUS, 'not linked any more')
  await see(popup, LINK)
}

/** What a browser heard of others' Twitch accounts from those who introduced themselves, each thing once. */
function accountsTold(inside: readonly InnerSignal[]) {
  const heard = inside.filter(({ by }) => by === 'worker')
  const told = heard.map(({ signal }) => {
    const { linked, twitch } = decodeJwt(signal.passport)
    return JSON.stringify({ linked, twitch })
  })
  return [...new Set(told)].map((one): unknown => JSON.parse(one))
}

describe('a Twitch account', () => {
  test('is linked at Twitch, told to others only when that is chosen, and unlinked', async ({ viewer }) => {
    const room = 'lanternhill'
    const ann = await viewer('ann')
    const annTab = await ann.open(room)
    await annTab.signIn()
    const popup = await link(inChromium(ann), 'lumenfox')

    // Who is introduced to her finds in her signals what she tells.
    const ben = await viewer('ben', { extensionDir: await listening(inject('chromeDir')) })
    let heard: InnerSignal[] = []
    const meet = async () => {
      const before = heard.length
      const tab = await ben.open(room)
      if (before === 0) await tab.signIn()
      await tab.seeLinks(1)
      heard = await signalsInside(() => ben.browser.openPopup())
      return accountsTold(heard.slice(before))
    }
    expect(await meet()).toEqual([{ linked: true }])
    await press(popup, SHOW)
    await seeWords(popup, STATUS, 'Others see your Twitch name now')
    await ben.reopen()
    expect(await meet()).toEqual([{ linked: true, twitch: 'lumenfox' }])
    await unlink(popup)
    await ben.reopen()
    expect(await meet()).toEqual([{}])
  })

  test('is linked in Firefox, too', async ({ firefoxViewer }) => {
    const fay = await firefoxViewer('fay')
    const tab = await fay.open('lanternhill')
    await tab.signIn()
    const popup = await link(inFirefox(fay), 'fennecfay')
    await press(popup, SHOW)
    await seeWords(popup, STATUS, 'Others see your Twitch name now')
    await unlink(popup)
  })
})
