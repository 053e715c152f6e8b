import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { test, ui } from './stage.ts'

/** What a hostile script on Twitch's page got hold of. */
interface Loot {
  events: string[]
  shadowRoots: number
  messages: string[]
}

/** Runs before everything else on the page: patches what the content script might use, and listens to all. */
function plant(): void {
  const loot: Loot = { events: [], shadowRoots: 0, messages: [] }
  Object.assign(window, { loot })
  const original = Element.prototype.attachShadow
  Element.prototype.attachShadow = function attachShadow(init) {
    loot.shadowRoots++
    return original.call(this, { ...init, mode: 'open' })
  }
  const kinds = 'keydown keypress keyup beforeinput input paste compositionstart focusin click pointerdown'
  for (const kind of kinds.split(' '))
    for (const target of [window, document])
      target.addEventListener(kind, (event) => loot.events.push(`${kind} ${describeEvent(event)}`), {
        capture: true,
      })
  window.addEventListener('message', ({ data }) => loot.messages.push(JSON.stringify(data)))
  function describeEvent(event: Event): string {
    const { key, data } = Object.assign({ key: '', data: '' }, event)
    return `${event instanceof KeyboardEvent ? event.key : key}${data ?? ''}`
  }
}

const loot = (page: Page) => page.evaluate(() => Reflect.get(window, 'loot') as Loot)

describe('a hostile script on the page', () => {
  test('neither reads nor types nor clicks, nor can it tell whose panel is there', async ({ viewer }) => {
    const ann = await viewer('ann')
    await ann.browser.context.addInitScript(plant)
    const tab = await ann.open('shroud')
    const { page } = tab
    await tab.signIn()
    await tab.seeMembers(1)
    await tab.say('a secret between friends')
    await tab.seeMessage('a secret between friends')

    // Reading: no key, no text, no frame, no root.
    const taken = await loot(page)
    expect(taken.events).toEqual([])
    expect(taken.shadowRoots).toBe(0)
    expect(taken.messages).toEqual([])
    const view = await page.evaluate(async () => {
      const all = [...document.querySelectorAll('*')]
      // Ours is the nameless element that hangs over the page: found by where it is, as a script would.
      const hosts = all.filter(
        (element) => element instanceof HTMLElement && /^(900|3001)$/.test(element.style.zIndex),
      )
      return {
        frames: window.length,
        openRoots: all.filter((element) => element.shadowRoot).length,
        iframes: document.querySelectorAll('iframe, embed, object').length,
        hosts: hosts.map((host) => ({
          tag: host.tagName,
          attributes: host.getAttributeNames(),
          html: host.innerHTML,
          text: host.textContent,
        })),
        markup: document.documentElement.outerHTML,
        resources: performance.getEntries().map(({ name }) => name),
        globals: Object.keys(window).join(' '),
      }
    })
    expect(view.frames).toBe(0)
    expect(view.openRoots).toBe(0)
    expect(view.iframes).toBe(0)
    expect(view.hosts).toEqual([{ tag: 'DIV', attributes: ['style'], html: '', text: '' }])
    for (const trace of [view.markup, view.resources.join(' '), view.globals]) {
      expect(trace).not.toMatch(/sidestream|chrome-extension|a secret between friends/i)
      expect(trace).not.toContain(ann.browser.extensionId)
    }

    // Telling: the well-known addresses of the package answer as if nobody were there.
    const probes = ['panel.html', 'popup.html', 'manifest.json', 'icon/128.png', 'twitch.js']
    const answers = await page.evaluate(
      async ({ id, paths }) =>
        Promise.all(
          paths.map((path) =>
            fetch(`chrome-extension://${id}/${path}`).then(
              () => `reached ${path}`,
              () => 'nothing',
            ),
          ),
        ),
      { id: ann.browser.extensionId, paths: probes },
    )
    expect(answers).toEqual(probes.map(() => 'nothing'))
    expect(await page.evaluate(() => Reflect.get(window, 'chrome')?.runtime)).toBeUndefined()

    // Typing and clicking: everything a script can dispatch at the element changes nothing.
    await page.evaluate(() => {
      const [host] = [...document.querySelectorAll<HTMLElement>('div')].filter(({ style }) =>
        /^(900|3001)$/.test(style.zIndex),
      )
      if (!host) throw new Error('no element')
      const box = host.getBoundingClientRect()
      for (let x = box.left + 2; x < box.right; x += 20)
        for (let y = box.top + 2; y < box.bottom; y += 20) {
          const at = { bubbles: true, composed: true, clientX: x, clientY: y }
          for (const kind of ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click'])
            document.elementFromPoint(x, y)?.dispatchEvent(new MouseEvent(kind, at))
        }
      host.focus()
      host.click()
      for (const key of ['p', 'w', 'n', 'Enter'])
        for (const target of [host, document.activeElement, document, window])
          target?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, composed: true }))
      document.execCommand('insertText', false, 'pwned')
      for (const message of [
        { t: 'page', url: 'https://www.twitch.tv/evil', theme: 'dark' },
        { t: 'layout', collapsed: true },
        { to: 'background', call: 'signOut', args: [] },
      ])
        window.postMessage(message, '*')
    })
    await tab.say('still mine')
    await tab.seeMessage('still mine')
    expect((await tab.messages()).map(({ text }) => text)).toEqual(['a secret between friends', 'still mine'])
    expect(await tab.panel.evaluate((id) => document.querySelector(id) !== null, ui.collapse)).toBe(true)
    await tab.panel.waitFor('[data-testid="panel"][data-login="shroud"]')
    await tab.seeConnection({ state: 'hub-only' })
  })

  test('that tears the panel out only makes it come back', async ({ viewer }) => {
    const ann = await viewer('ann')
    const tab = await ann.open('shroud')
    await tab.signIn()
    await tab.say('before')
    await tab.seeMessage('before')
    await tab.page.evaluate(() => {
      for (const element of document.querySelectorAll<HTMLElement>('div'))
        if (/^(900|3001)$/.test(element.style.zIndex)) element.remove()
    })
    await tab.panel.waitFor(ui.composer)
    await tab.seeMessage('before')
    await tab.page.evaluate(() => window.fixture.rerender('page'))
    await tab.panel.waitFor(ui.composer)
    await tab.say('after')
    await tab.seeMessage('after')
  })
})
