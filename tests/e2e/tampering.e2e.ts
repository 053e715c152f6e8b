import { describe, expect } from 'vitest'
import type { Passed } from '../../scripts/stage/socket-tap.ts'
import { test, ui } from './stage.ts'

const room = 'crookedlane'
const mark = 'a=fingerprint:sha-256 '

/** The message with another certificate's fingerprint in it; `undefined` where there is none. */
function forged({ data }: Passed): Buffer | undefined {
  const at = data.indexOf(mark)
  if (at < 0) return undefined
  const copy = Buffer.from(data)
  const digit = at + mark.length
  copy.write(copy.toString('latin1', digit, digit + 1) === 'A' ? 'B' : 'A', digit)
  return copy
}

describe('somebody between a viewer and the Worker', () => {
  test('who puts a certificate of their own into offers gets no link, and is noticed', async ({
    network,
    tap,
    relay: _,
    viewer,
  }) => {
    let forgeries = 0
    const alter = (message: Passed) => {
      const changed = message.by === 'worker' ? forged(message) : undefined
      if (changed) forgeries++
      return changed
    }
    const home = await network({ workerPort: (await tap({ alter })).port })
    const ann = await viewer('ann', { network: home })
    const ben = await viewer('ben')
    const annTab = await ann.open(room)
    await annTab.signIn()
    expect(await annTab.panel.evaluate((id) => document.querySelector(id), ui.tampered)).toBeNull()
    const benTab = await ben.open(room)
    await benTab.signIn()
    await annTab.panel.waitFor(ui.tampered, { timeout: 30_000 })
    expect(forgeries).toBeGreaterThan(0)

    // The two meet where nobody can take part unnoticed.
    await annTab.seeLinkKinds({ hub: 1 }, 60_000)
    await benTab.seeLinkKinds({ hub: 1 })
    await annTab.say('we are alone')
    await benTab.seeMessage('we are alone')
    await benTab.panel.waitFor(ui.tampered, { gone: true })
  })
})
