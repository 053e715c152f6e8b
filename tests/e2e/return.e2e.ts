import { setTimeout as pause } from 'node:timers/promises'
import { describe } from 'vitest'
import { SAY_PACE } from '../../protocol/limits'
import { seeAgreement } from './agreement.ts'
import { type ChromiumTab, pair, test } from './stage.ts'

/** How long ann's machine sleeps, ms. */
const ASLEEP_MS = 45_000

/** Just within the pace at which one viewer may speak, ms. */
const PACE_MS = SAY_PACE.ms / SAY_PACE.messages + 100

/** Somebody who says a line every so many milliseconds until told to stop; what was said is in `texts`. */
function talk(tab: ChromiumTab, topic: string, interval: number) {
  const texts: string[] = []
  let going = true
  const done = (async () => {
    while (going) {
      const text = `${topic} ${texts.length + 1}`
      texts.push(text)
      await tab.say(text)
      await pause(interval)
    }
  })()
  // Looked at in the end; until then nobody else handles it.
  done.catch(() => {})
  return {
    texts,
    async stop() {
      going = false
      await done
      return texts
    },
  }
}

describe('a viewer who returns', () => {
  test('after crashes in the middle of the talk, and after a sleep, has missed nothing and said nothing twice', {
    timeout: 240_000,
  }, async ({ viewer }) => {
    const { ann, annTab, benTab } = await pair(viewer, 'mosskeeper')
    const ships = talk(benTab, 'ships', PACE_MS)
    const comeBack = async () => {
      await ann.kill()
      await benTab.seeMessage(`ships ${ships.texts.length + 2}`)
      await ann.reopen()
      const tab = await ann.open('mosskeeper')
      await tab.seeLinks(1)
      return tab
    }
    await annTab.seeMessage('ships 3')
    await annTab.say('said as it crashed')
    await annTab.seeStatus('said as it crashed', 'said')
    let back = await comeBack()

    // Killed with the finger on Enter: the line may never have reached the disk, but then nobody has it.
    await back.say('perhaps never said')
    back = await comeBack()
    await back.say('still here')
    await benTab.seeMessage('still here')
    const all = ['said as it crashed', 'still here', ...(await ships.stop())]
    // Lines go out in order: by now ben has it, or nobody ever will.
    const wasSaid = (await benTab.messages()).some(({ text }) => text === 'perhaps never said')
    if (wasSaid) all.push('perhaps never said')
    await seeAgreement([back, benTab], all)

    // As a laptop that is shut: long enough for the others to give ann up.
    ann.browser.suspend()
    const shoes = talk(benTab, 'shoes', 3_000)
    await pause(ASLEEP_MS)
    await ann.browser.wake()
    await back.seeLinks(1, 30_000)
    await back.say('good morning')
    // The link that looked open may be dead, and offers of the night have to be over before there is another.
    await seeAgreement([back, benTab], [...all, ...(await shoes.stop()), 'good morning'], 45_000)
  })
})
