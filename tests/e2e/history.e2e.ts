import { readFile } from 'node:fs/promises'
import { describe, expect } from 'vitest'
import { seeAgreement } from './agreement.ts'
import { exposed, plantPlainRecords } from './secrecy.ts'
import { pair, test, ui } from './stage.ts'

const room = 'lumenfox'

describe('what was said', () => {
  test('is there before anybody answers, is sealed on disk, and comes to those who were not there', {
    timeout: 240_000,
  }, async ({ own, viewer }) => {
    const { worker, extensionDir } = own
    const [ann, ben, cleo, dora] = [
      await viewer('ann', { extensionDir }),
      await viewer('ben', { extensionDir }),
      await viewer('cleo', { extensionDir }),
      await viewer('dora', { extensionDir }),
    ]
    await plantPlainRecords(ann)
    let annTab = await ann.open(room)
    await annTab.signIn(undefined, worker.outbox)
    let benTab = await ben.open(room)
    await benTab.signIn(undefined, worker.outbox)
    await annTab.seeLinks(1)
    await benTab.seeLinks(1)
    const texts: string[] = []
    for (let turn = 1; turn <= 5; turn++) {
      for (const [from, to, who] of [
        [annTab, benTab, 'ann'],
        [benTab, annTab, 'ben'],
      ] as const) {
        const text = `${who}'s line ${turn}, sealed wherever it lies`
        await from.say(text)
        await to.seeMessage(text)
        texts.push(text)
      }
    }
    expect(await seeAgreement([annTab, benTab], texts)).toEqual(texts)
    const authors = new Set((await annTab.messages()).map(({ author }) => author))
    expect(authors.size).toBe(2)
    await ben.close()

    // On disk: nothing that was said, and nobody who said it.
    expect(await exposed(ann, [...texts, ...authors, room, ann.email])).toEqual([])

    // On screen: all of it, with no server and no peer in the world.
    await worker.stop()
    await ann.reopen()
    annTab = await ann.open(room)
    expect(await seeAgreement([annTab], texts)).toEqual(texts)
    expect((await annTab.connection()).state).toMatch(/^(offline|connecting)$/)

    // What is said now waits, and survives a crash.
    const late = 'said to nobody yet'
    await annTab.say(late)
    await annTab.seeStatus(late, 'network', 30_000)
    await ann.kill()
    await worker.restart()
    await ben.reopen()
    benTab = await ben.open(room)
    await benTab.seeConnection({ server: true })
    await ann.reopen()
    annTab = await ann.open(room)
    texts.push(late)
    expect(await seeAgreement([annTab, benTab], texts, 45_000)).toEqual(texts)

    // Newcomers get it from whoever has it, also when its author has left.
    const cleoTab = await cleo.open(room)
    await cleoTab.signIn(undefined, worker.outbox)
    expect(await seeAgreement([annTab, benTab, cleoTab], texts, 30_000)).toEqual(texts)
    await ann.close()
    await cleo.close()
    await benTab.seeMembers(1, 60_000)
    const doraTab = await dora.open(room)
    await doraTab.signIn(undefined, worker.outbox)
    expect(await seeAgreement([benTab, doraTab], texts, 30_000)).toEqual(texts)
  })

  test('can be taken away and forgotten, and does not come back', async ({ viewer }) => {
    const { ann, ben, annTab, benTab } = await pair(viewer, room)
    const texts = ['soon forgotten here', 'but not there']
    await annTab.say('soon forgotten here')
    await benTab.seeMessage('soon forgotten here')
    await benTab.say('but not there')
    await seeAgreement([annTab, benTab], texts)

    const popup = await ann.browser.openPopup()
    await popup.click('[data-testid="open-history"]')
    const [download] = await Promise.all([popup.waitForEvent('download'), popup.click(ui.exportHistory)])
    const exported: unknown = JSON.parse(await readFile(await download.path(), 'utf8'))
    expect(download.suggestedFilename()).toMatch(/\.json$/)
    for (const text of texts) expect(JSON.stringify(exported)).toContain(text)
    await popup.close()

    await annTab.page.bringToFront()
    await annTab.panel.click(ui.roomMenu)
    await annTab.panel.click(ui.clearRoom)
    await annTab.panel.click(ui.confirmClearRoom)
    await seeAgreement([annTab], [])

    // Neither a reload nor ben, who still has it all, brings it back.
    await annTab.page.reload({ waitUntil: 'domcontentloaded' })
    await annTab.seeLinks(1)
    await ben.close()
    await annTab.seeMembers(1, 60_000)
    await ben.reopen()
    const again = await ben.open(room)
    await again.seeLinks(1)
    await again.say('what did I miss?')
    await seeAgreement([annTab], ['what did I miss?'])
    await seeAgreement([again], [...texts, 'what did I miss?'])

    const settings = await ann.browser.openPopup()
    await settings.click('[data-testid="open-history"]')
    await settings.click(ui.clearHistory)
    await settings.click(ui.confirmClearHistory)
    await seeAgreement([annTab], [])
    await again.say('and now?')
    await seeAgreement([annTab], ['and now?'])
    await seeAgreement([again], [...texts, 'what did I miss?', 'and now?'])
  })
})
