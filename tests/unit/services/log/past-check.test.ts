import { beforeEach, describe, expect, it } from 'vitest'
import type { FrameFault } from '../../../../protocol/frames'
import { MAX_CLOCK_AHEAD_MS } from '../../../../protocol/limits'
import { messageId, type SignedBytes } from '../../../../protocol/message'
import { channelRoom } from '../../../../protocol/room-id'
import { signAs } from '../../../../protocol/signed'
import { Vouchers } from '../../../../services/log/vouchers'
import { checkPast, checkPastFrame, type PastFacts } from '../../../../services/room/past-check'
import { Registrar } from '../../world/registrar'
import { HOUR, SignedPast } from './signed-past'
import { ROOM } from './spoken'

let past: SignedPast

beforeEach(async () => {
  past = await SignedPast.create()
})

const vouchersOf = (...jwts: string[]): Vouchers => {
  const vouchers = new Vouchers()
  for (const jwt of jwts) vouchers.add(jwt)
  return vouchers
}

const faultOf = async (signed: SignedBytes, ...jwts: string[]) => {
  const checked = await checkPast(signed, vouchersOf(...jwts), past.facts)
  return 'fault' in checked ? checked.fault : undefined
}

describe('a message of the past', () => {
  it('is filed with its author’s name and the passport that held then', async () => {
    const signed = await past.message()
    const passport = await past.passport()
    expect(await checkPast(signed, vouchersOf(passport), past.facts)).toEqual({
      v: 1,
      room: ROOM,
      device: past.ann.device,
      seq: 1,
      time: { ms: past.now - 1_000, count: 0 },
      kind: 'say',
      body: 'words',
      id: await messageId(signed.bytes),
      account: past.ann.accountId,
      name: 'AnnAardvark11',
      signed,
      passport,
    })
  })

  it('of yesterday passes under the passport of yesterday, under that of today it does not', async () => {
    const yesterday = await past.passport(past.ann, past.now - 30 * HOUR)
    const today = await past.passport()
    const signed = await past.at(past.now - 20 * HOUR)
    expect(await faultOf(signed, yesterday)).toBe(undefined)
    expect(await faultOf(signed, today)).toBe('unknown-author')
    expect(await checkPast(signed, vouchersOf(today, yesterday), past.facts)).toMatchObject({
      passport: yesterday,
    })
    expect(await checkPast(await past.at(past.now), vouchersOf(today, yesterday), past.facts)).toMatchObject({
      passport: today,
    })
  })

  const attacks: [name: string, fault: FrameFault, check: () => Promise<FrameFault | undefined>][] = [
    [
      'noise',
      'malformed',
      async () => faultOf({ bytes: new Uint8Array(9), sig: new Uint8Array(64) }, await past.passport()),
    ],
    [
      'of another room',
      'wrong-room',
      async () => faultOf(await past.message({ room: channelRoom('elsewhere') }), await past.passport()),
    ],
    [
      'too far ahead',
      'from-the-future',
      async () => faultOf(await past.at(past.now + MAX_CLOCK_AHEAD_MS + 1), await past.passport()),
    ],
    [
      'from before the room was cleared',
      'stale',
      async () => {
        past.clearedUntil = past.now - 1_000
        return faultOf(await past.at(past.clearedUntil), await past.passport())
      },
    ],
    [
      'of a void author',
      'void-author',
      async () => {
        past.facts.isVoid = (device) => device === past.ann.device
        return faultOf(await past.message(), await past.passport())
      },
    ],
    ['under nobody’s passport', 'unknown-author', async () => faultOf(await past.message())],
    [
      'under somebody else’s passport',
      'unknown-author',
      async () => faultOf(await past.message(), await past.passport(past.bob, past.now - HOUR)),
    ],
    [
      'under a passport of another issuer',
      'bad-passport',
      async () => {
        const forger = await Registrar.open()
        return faultOf(await past.message(), await forger.passport(past.ann, past.now - HOUR))
      },
    ],
    [
      'under a passport of keys we do not know',
      'unknown-key',
      async () => {
        const stranger = await Registrar.open('other-key')
        return faultOf(await past.message(), await stranger.passport(past.ann, past.now - HOUR))
      },
    ],
    [
      'signed by somebody else',
      'bad-signature',
      async () => faultOf(await past.message({}, past.bob.signer), await past.passport()),
    ],
    [
      'signed as something else',
      'bad-signature',
      async () => {
        const { bytes } = await past.message()
        return faultOf({ bytes, sig: await signAs(past.ann.signer, 'typing', bytes) }, await past.passport())
      },
    ],
  ]
  it.each(attacks)('%s is refused: %s', async (_, fault, check) => {
    expect(await check()).toBe(fault)
  })

  it('passes at the edges of what is allowed', async () => {
    past.clearedUntil = past.now - 5_001
    expect(await faultOf(await past.at(past.now - 5_000), await past.passport())).toBe(undefined)
    expect(await faultOf(await past.at(past.now + MAX_CLOCK_AHEAD_MS), await past.passport())).toBe(undefined)
  })
})

describe('a frame of the past', () => {
  it('keeps what is good, goes on after what is excusable, and stops at what is not', async () => {
    const passport = await past.passport()
    const [one, two, three] = [
      await past.message({ seq: 1 }),
      await past.message({ seq: 2 }),
      await past.message({ seq: 3 }),
    ]
    const stranger = await past.message({ device: past.bob.device }, past.bob.signer)
    const old = await past.at(past.now - 2 * HOUR)
    const forged = await past.message({ body: 'forged' }, past.bob.signer)
    const check = (messages: SignedBytes[]) => checkPastFrame(messages, vouchersOf(passport), past.facts)
    const [clean, excusable, bad] = [
      await check([one, two]),
      await check([one, stranger, two]),
      await check([one, stranger, forged, three]),
    ]
    expect([clean.messages.length, clean.fault]).toEqual([2, undefined])
    expect([excusable.messages.length, excusable.fault]).toEqual([2, 'unknown-author'])
    expect([bad.messages.length, bad.fault]).toEqual([1, 'bad-signature'])
    past.clearedUntil = past.now - HOUR
    expect(await check([old, one])).toMatchObject({ messages: [{ seq: 1 }] })
    expect((await check([old, one])).fault).toBe(undefined)
  })

  it('does not have us check passport after passport that is none', async () => {
    const forger = await Registrar.open()
    const forged = await Promise.all(
      Array.from({ length: 20 }, (_, ver) => forger.passport(past.ann, past.now - HOUR, 24, ver + 1)),
    )
    let checked = 0
    const verifyPassportAt: PastFacts['verifyPassportAt'] = (jwt, ms) => {
      checked++
      return past.passports.verifyAt(jwt, ms)
    }
    const messages = [await past.message({ seq: 1 }), await past.message({ seq: 2 })]
    const { fault } = await checkPastFrame(messages, vouchersOf(...forged), {
      ...past.facts,
      verifyPassportAt,
    })
    expect(fault).toBe('bad-passport')
    expect(checked).toBe(1)
  })
})
