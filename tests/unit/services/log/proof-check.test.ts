import { beforeEach, describe, expect, it } from 'vitest'
import type { Proof } from '../../../../protocol/proof'
import { channelRoom } from '../../../../protocol/room-id'
import { checkProof } from '../../../../services/room/past-check'
import { Registrar } from '../../world/registrar'
import { DAY, HOUR, SignedPast } from './signed-past'

let past: SignedPast

beforeEach(async () => {
  past = await SignedPast.create()
})

describe('a proof', () => {
  it('of two bodies for one seq voids the device', async () => {
    const [first, second] = [await past.message({ body: 'yes' }), await past.message({ body: 'no' })]
    const passport = await past.passport()
    expect(await checkProof({ first, second, passport }, past.facts)).toEqual({ device: past.ann.device })
  })

  it('needs a passport for one of the two only', async () => {
    const [first, second] = [await past.at(past.now - 3 * DAY), await past.message({ seq: 0 })]
    const passport = await past.passport(past.ann, past.now - 3 * DAY)
    expect(await checkProof({ first, second, passport }, past.facts)).toEqual({ device: past.ann.device })
    expect(await checkProof({ first: second, second: first, passport }, past.facts)).toEqual({
      device: past.ann.device,
    })
  })

  const no: [name: string, change: () => Promise<Partial<Proof>>][] = [
    ['one message twice', async () => ({ second: await past.message({ body: 'yes' }) })],
    [
      'two that go together',
      async () => ({ second: await past.message({ seq: 2, time: { ms: past.now, count: 0 } }) }),
    ],
    ['noise', async () => ({ second: { bytes: new Uint8Array(5), sig: new Uint8Array(64) } })],
    [
      'two devices',
      async () => ({ second: await past.message({ device: past.bob.device, body: 'no' }, past.bob.signer) }),
    ],
    ['a forged second', async () => ({ second: await past.message({ body: 'no' }, past.bob.signer) })],
    ['a forged first', async () => ({ first: await past.message({ body: 'maybe' }, past.bob.signer) })],
    ['another’s passport', async () => ({ passport: await past.passport(past.bob, past.now - HOUR) })],
    [
      'a passport of another time',
      async () => ({ passport: await past.passport(past.ann, past.now - 9 * DAY) }),
    ],
    [
      'messages of two rooms',
      async () => ({ second: await past.message({ body: 'no', room: channelRoom('elsewhere') }) }),
    ],
    [
      'messages of another room',
      async () => ({
        first: await past.message({ body: 'yes', room: channelRoom('elsewhere') }),
        second: await past.message({ body: 'no', room: channelRoom('elsewhere') }),
      }),
    ],
  ]

  it.each(no)('with %s is none', async (_, change) => {
    const [first, second] = [await past.message({ body: 'yes' }), await past.message({ body: 'no' })]
    const passport = await past.passport()
    const proof = { first, second, passport, ...(await change()) }
    expect(await checkProof(proof, past.facts)).toEqual({ fault: 'no-proof' })
  })

  it('under keys we do not know yet is held against nobody', async () => {
    const stranger = await Registrar.open('other-key')
    const [first, second] = [await past.message({ body: 'yes' }), await past.message({ body: 'no' })]
    const passport = await stranger.passport(past.ann, past.now - HOUR)
    expect(await checkProof({ first, second, passport }, past.facts)).toEqual({ fault: 'unknown-key' })
  })
})
