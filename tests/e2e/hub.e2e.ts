import { describe, expect } from 'vitest'
import { holds } from '../../scripts/stage/storage.ts'
import { seeAgreement } from './agreement.ts'
import { readPassed } from './signals.ts'
import { test, ui } from './stage.ts'

const room = 'plainvalley'

describe('viewers without a relay', () => {
  test('talk through the Worker, which cannot read a word, and come back when it does', async ({
    unrelayed,
    viewer,
  }) => {
    const { worker, extensionDir, tap } = unrelayed
    const join = async (name: string) => {
      const someone = await viewer(name, { extensionDir })
      const tab = await someone.open(room)
      await tab.signIn(undefined, worker.outbox)
      return tab
    }
    const annTab = await join('ann')
    const benTab = await join('ben')
    await annTab.seeLinkKinds({ hub: 1 })
    await benTab.seeLinkKinds({ hub: 1 })
    const texts = ['the first word, sealed', 'and an answer: söld']
    await annTab.say(texts[0] ?? '')
    await benTab.seeMessage(texts[0] ?? '')
    await benTab.say(texts[1] ?? '')
    await annTab.seeMessage(texts[1] ?? '')

    // Who comes later is told what was said before, the same way.
    const coraTab = await join('cora')
    await coraTab.seeLinkKinds({ hub: 2 })
    const tabs = [annTab, benTab, coraTab]
    expect(await seeAgreement(tabs, texts)).toEqual(texts)

    // The server goes, and with it all links; nothing is lost that is said meanwhile.
    await worker.kill()
    for (const tab of tabs) await tab.seeConnection({ links: 0, server: false })
    expect((await annTab.connection()).state).toMatch(/^(offline|connecting)$/)
    await annTab.panel.waitFor(ui.reconnect)
    texts.push('said while nobody could hear')
    await annTab.say('said while nobody could hear')
    await annTab.seeStatus('said while nobody could hear', 'network', 30_000)
    await worker.restart()
    for (const tab of tabs) await tab.seeLinkKinds({ hub: 2 }, 60_000)
    expect(await seeAgreement(tabs, texts, 30_000)).toEqual(texts)

    // All of that passed here. What is not secret is found, so what is would be.
    const seen = tap.passed.map(({ data }) => data)
    expect(readPassed(tap.passed).hubFrames.length).toBeGreaterThan(20)
    expect(holds(seen, 'welcome')).toBe(true)
    expect([room, ...texts].filter((text) => holds(seen, text))).toEqual([])
  })
})
