import { describe, expect } from 'vitest'
import type { DeviceId } from '../../protocol/device'
import { channelRoom } from '../../protocol/room-id'
import { decodeToMember, encodeToMember, type ToMember } from '../../protocol/room-socket'
import { sealFor } from '../../protocol/sealed'
import { encodeSignal, sealedEnvelope, signedEnvelope } from '../../protocol/signal'
import type { Passed } from '../../scripts/stage/socket-tap.ts'
import { until } from '../../scripts/stage/until.ts'
import { test, ui } from './stage.ts'

const room = 'crookedlane'

/** Whom somebody would have to name, and to whom they would have to seal. */
interface Ends {
  from: DeviceId
  to: DeviceId
  key: Uint8Array
}

/** An offer with a certificate of one's own in it, in another's name, sealed as well as anybody can. */
async function forgedOffer({ from, to, key }: Ends): Promise<Uint8Array<ArrayBuffer>> {
  const fingerprint = Array(32).fill('AB').join(':')
  const sdp = `v=0\r\no=- 1 2 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=fingerprint:sha-256 ${fingerprint}\r\n`
  const bytes = encodeSignal({
    v: 1,
    room: channelRoom(room),
    from,
    to,
    nonce: crypto.getRandomValues(new Uint8Array(16)),
    ms: Date.now(),
    type: 'offer',
    urgent: true,
    direct: false,
    passport: '',
    via: 'rtc',
    sdp,
  })
  const signed = signedEnvelope(bytes, crypto.getRandomValues(new Uint8Array(64)))
  return sealedEnvelope(await sealFor(key, { room: channelRoom(room), from, to }, signed))
}

const readAs = ({ by, data }: Passed): ToMember | undefined =>
  by === 'worker' ? decodeToMember(data) : undefined

describe('somebody between viewers and the Worker', () => {
  test('who puts offers of their own in the place of others’, or spoils them, gets no link, and is noticed', async ({
    network,
    tap,
    relay: _,
    viewer,
  }) => {
    /** Made beforehand: what passes cannot wait. */
    const forgeries: Uint8Array<ArrayBuffer>[] = []
    const done = { forged: 0, spoiled: 0 }
    let isThere = true
    /** What is told to Ann: nothing that Ben says to her gets through as he said it. */
    const alter = (passed: Passed) => {
      const message = isThere ? readAs(passed) : undefined
      if (message?.t !== 'signal') return undefined
      const { from } = message
      if (anns && forgeries.length === 0)
        void forgedOffer({ ...anns, from }).then((one) => forgeries.push(one))
      const forged = forgeries.pop()
      done[forged ? 'forged' : 'spoiled']++
      const spoiled = message.data.map((byte, at) => (at === message.data.length - 1 ? byte ^ 1 : byte))
      return Buffer.from(encodeToMember({ ...message, data: forged ?? spoiled }))
    }
    /** What is told to Ben names the key that he seals to, and others may, too. */
    let anns: Pick<Ends, 'to' | 'key'> | undefined
    const learn = (passed: Passed) => {
      const message = readAs(passed)
      const [member] = message?.t === 'welcome' ? message.members : []
      if (member?.consent) anns = { to: member.device, key: member.consent.seal }
      return undefined
    }
    const annHome = await network({ workerPort: (await tap({ alter })).port })
    const benHome = await network({ workerPort: (await tap({ alter: learn })).port })
    const annTab = await (await viewer('ann', { network: annHome })).open(room)
    await annTab.signIn()
    expect(await annTab.panel.evaluate((id) => document.querySelector(id), ui.tampered)).toBeNull()
    const benTab = await (await viewer('ben', { network: benHome })).open(room)
    await benTab.signIn()
    await annTab.panel.waitFor(ui.tampered, { timeout: 30_000 })
    await until(() => done.forged > 0 && done.spoiled > 0, { what: 'either of it', timeout: 60_000 })
    expect((await annTab.connection()).links).toBe(0)
    expect((await benTab.connection()).links).toBe(0)
    expect(await annTab.panel.evaluate((id) => document.querySelector(id) !== null, ui.tampered)).toBe(true)

    // Without them the two meet, and know it.
    isThere = false
    await annTab.seeLinks(1, 60_000)
    await annTab.say('we are alone')
    await benTab.seeMessage('we are alone')
    await annTab.panel.waitFor(ui.tampered, { gone: true })
  })
})
