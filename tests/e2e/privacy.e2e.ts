import { describe, expect, inject } from 'vitest'
import { until } from '../../scripts/stage/until.ts'
import { listening, signalsInside } from './listening.ts'
import { type ChromiumViewer, choose, test } from './stage.ts'
import { watch } from './witness.ts'

const room = 'quietowl'

const inside = ({ browser }: ChromiumViewer) => signalsInside(() => browser.openPopup())

/** Of somebody who is relayed: whatever left the browser, only the relay's address was in it. */
const discreet = {
  candidateTypes: ['relay'],
  sdpLeaks: [],
  unsealed: 0,
  told: [],
  stunLeaks: [],
  strangers: [],
}

describe('addresses of viewers', () => {
  test('do not leave the browser of anybody who has not chosen so', async ({
    network,
    tap,
    relay,
    viewer,
  }) => {
    const taps = [await tap(), await tap()] as const
    const homes = [
      await network({ workerPort: taps[0].port }),
      await network({ workerPort: taps[1].port }),
    ] as const
    const secret = homes.map(({ address }) => address)
    const witnesses = [
      await watch({ network: homes[0], passed: taps[0].passed, relay, secret }),
      await watch({ network: homes[1], passed: taps[1].passed, relay, secret }),
    ]
    const extensionDir = await listening(inject('chromeDir'))
    const ann = await viewer('ann', { network: homes[0], extensionDir })
    const ben = await viewer('ben', { network: homes[1], extensionDir })
    const annTab = await ann.open(room)
    await annTab.signIn()
    const benTab = await ben.open(room)
    await benTab.signIn()
    await annTab.seeLinkKinds({ turn: 1 })
    await benTab.seeLinkKinds({ turn: 1 })
    await annTab.say('from behind a relay')
    await benTab.seeMessage('from behind a relay')
    await benTab.say('from behind another')
    await annTab.seeMessage('from behind another')
    for (const [index, witness] of witnesses.entries()) {
      const seen = await witness.end(await inside(index === 0 ? ann : ben))
      expect(seen).toMatchObject(discreet)
      expect(Math.min(seen.said, seen.heard, seen.sealed, seen.relayed)).toBeGreaterThan(0)
    }
  })

  test('do not leave Firefox either', async ({ network, tap, relay, viewer, firefoxViewer }) => {
    const taps = [await tap(), await tap()] as const
    const fayHome = await network({ workerPort: taps[0].port })
    const benHome = await network({ workerPort: taps[1].port })
    const secret = [fayHome.address, benHome.address]
    const ben = await viewer('ben', { network: benHome })
    const benTab = await ben.open(room)
    await benTab.signIn()
    const witness = await watch({ network: fayHome, passed: taps[0].passed, relay, secret })
    const extensionDir = await listening(inject('firefoxDir'))
    const fay = await firefoxViewer('fay', { network: fayHome, extensionDir })
    const fayTab = await fay.open(room)
    await fayTab.signIn()
    await fayTab.seeLinkKinds({ turn: 1 })
    await benTab.seeLinkKinds({ turn: 1 })
    await fayTab.say('from a fox behind a relay')
    await benTab.seeMessage('from a fox behind a relay')
    await benTab.say('good day to the fox')
    await fayTab.seeMessage('good day to the fox')
    const seen = await witness.end(await signalsInside(() => fay.browser.openPopup()))
    // Firefox asks for its maker's services of its own accord.
    const strangers = seen.strangers.filter((name) => !/^look-up of .*\.(mozilla|firefox)\./.test(name))
    expect({ ...seen, strangers }).toMatchObject(discreet)
    expect(Math.min(seen.said, seen.heard, seen.sealed, seen.relayed)).toBeGreaterThan(0)
  })

  test('are shown between those who both chose direct links, and to nobody else', async ({
    network,
    tap,
    relay,
    viewer,
  }) => {
    const taps = [await tap(), await tap()] as const
    const annHome = await network({ workerPort: taps[0].port })
    const coraHome = await network({ workerPort: taps[1].port })
    const secret = [annHome.address, coraHome.address]
    const annsWitness = await watch({ network: annHome, passed: taps[0].passed, relay, secret })
    const extensionDir = await listening(inject('chromeDir'))
    const ann = await viewer('ann', { network: annHome, extensionDir })
    const ben = await viewer('ben')
    const annTab = await ann.open(room)
    await annTab.signIn()
    await choose(ann, 'direct')
    const benTab = await ben.open(room)
    await benTab.signIn()
    await annTab.seeLinkKinds({ turn: 1 })
    await choose(ben, 'direct')
    await annTab.seeLinkKinds({ direct: 1 })
    await benTab.seeLinkKinds({ direct: 1 })
    await annTab.say('nice to meet you')
    await benTab.seeMessage('nice to meet you')
    // What must not be found in the others' is there to be found.
    // The pair of addresses that a link ends up with is settled a little after its first words have passed.
    await until(async () => (await annsWitness.soFar()).stunLeaks.length > 0, {
      what: "an address in what Ann's browser sent to Ben's",
    })
    const seen = await annsWitness.end(await inside(ann))
    expect(seen.candidateTypes).toContain('host')
    expect(seen.sdpLeaks.join()).toContain(annHome.address)
    expect(seen.strangers).not.toEqual([])
    // Ben reads it, and nobody on the way.
    expect(seen).toMatchObject({ unsealed: 0, told: [] })
    expect(seen.sealed).toBeGreaterThan(0)

    // Somebody who did not choose so is relayed, and is told nothing either.
    const corasWitness = await watch({ network: coraHome, passed: taps[1].passed, relay, secret })
    const cora = await viewer('cora', { network: coraHome, extensionDir })
    const coraTab = await cora.open(room)
    await coraTab.signIn()
    await coraTab.seeLinkKinds({ turn: 2 })
    await annTab.seeLinkKinds({ direct: 1, turn: 1 })
    await coraTab.say('keep your distance')
    await annTab.seeMessage('keep your distance')
    await benTab.seeMessage('keep your distance')
    expect(await corasWitness.end(await inside(cora))).toMatchObject(discreet)

    // And whoever changes their mind is relayed from then on.
    await choose(ben, 'relay')
    await annTab.seeLinkKinds({ turn: 2 })
    await benTab.seeLinkKinds({ turn: 2 })
  })
})
