import { beforeEach, describe, expect, it } from 'vitest'
import { SIGNAL_FRESHNESS_MS } from '../../../protocol/limits'
import { isUnknownKey } from '../../../protocol/passport'
import { channelRoom } from '../../../protocol/room-id'
import { decodeSignal, encodeSignal, openSignal, sealSignal } from '../../../protocol/signal'
import { signAs } from '../../../protocol/signed'
import { Signalling } from '../../../services/mesh/signalling'
import { Passports } from '../../../services/passports'
import { type Person, Registrar } from '../world/registrar'
import { ROOM } from '../world/room-world'
import { VirtualClock } from '../world/virtual-clock'

const OFFER = { type: 'offer', sdp: 'v=0\r\na=fingerprint:sha-256 AA:BB\r\n' } as const
const nonce = () => crypto.getRandomValues(new Uint8Array(16))

let clock: VirtualClock
let registrar: Registrar
let ada: Person
let ben: Person
beforeEach(async () => {
  clock = new VirtualClock()
  registrar = await Registrar.open()
  ada = await registrar.person('AdaOtter12')
  ben = await registrar.person('BenHeron34')
})

async function signalling(person: Person, room = ROOM, by = registrar) {
  const passport = await by.passport(person, clock.now())
  const passports = new Passports(clock, registrar.jwks, async () => registrar.jwks)
  return new Signalling({
    room,
    signer: person.signer,
    clock,
    passport: () => passport,
    verifyPassport: (jwt) => passports.verify(jwt),
  })
}

describe('a signed offer', () => {
  it('is trusted by whom it is for, once', async () => {
    const envelope = await (await signalling(ada)).make(ben.device, nonce(), OFFER)
    const at = await signalling(ben)
    expect(await at.check(ada.device, envelope)).toMatchObject({
      signal: { type: 'offer', sdp: OFFER.sdp },
      passport: { name: 'AdaOtter12' },
    })
    expect(await at.check(ada.device, envelope)).toEqual({ fault: 'replayed' })
  })

  it('with another fingerprint makes no link', async () => {
    const { bytes, sig } = openSignal(await (await signalling(ada)).make(ben.device, nonce(), OFFER))
    const swapped = { ...decodeSignal(bytes), sdp: OFFER.sdp.replace('AA:BB', 'CC:DD') }
    const envelope = sealSignal(encodeSignal(swapped), sig)
    expect(await (await signalling(ben)).check(ada.device, envelope)).toEqual({ fault: 'bad-signature' })
  })

  it('is refused when it is for another, from another, or of another room', async () => {
    const envelope = await (await signalling(ada)).make(ben.device, nonce(), OFFER)
    const cleo = await registrar.person('CleoLynx56')
    expect(await (await signalling(cleo)).check(ada.device, envelope)).toEqual({ fault: 'misdirected' })
    expect(await (await signalling(ben)).check(cleo.device, envelope)).toEqual({ fault: 'misdirected' })
    const elsewhere = await signalling(ben, channelRoom('elsewhere'))
    expect(await elsewhere.check(ada.device, envelope)).toEqual({ fault: 'misdirected' })
  })

  it('is refused when it is old', async () => {
    const envelope = await (await signalling(ada)).make(ben.device, nonce(), OFFER)
    clock.advance(SIGNAL_FRESHNESS_MS + 1)
    expect(await (await signalling(ben)).check(ada.device, envelope)).toEqual({ fault: 'stale' })
  })

  it('is refused under a passport of another issuer, or of another device', async () => {
    const forger = await Registrar.open()
    const forged = await (await signalling(ada, ROOM, forger)).make(ben.device, nonce(), OFFER)
    expect(await (await signalling(ben)).check(ada.device, forged)).toEqual({ fault: 'bad-passport' })
    const { bytes } = openSignal(await (await signalling(ada)).make(ben.device, nonce(), OFFER))
    const stolen = encodeSignal({
      ...decodeSignal(bytes),
      passport: await registrar.passport(ben, clock.now()),
    })
    const envelope = sealSignal(stolen, await signAs(ada.signer, 'signal', stolen))
    expect(await (await signalling(ben)).check(ada.device, envelope)).toEqual({ fault: 'bad-passport' })
  })

  it('of nonsense is refused', async () => {
    const at = await signalling(ben)
    for (const bytes of [
      new Uint8Array(0),
      new Uint8Array(5_000),
      crypto.getRandomValues(new Uint8Array(99)),
    ])
      expect(await at.check(ada.device, bytes)).toEqual({ fault: 'malformed' })
  })
})

describe('passports', () => {
  it('under an unknown key id ask for fresh keys, once in five minutes', async () => {
    const rotated = await Registrar.open('next-key')
    let asked = 0
    const passports = new Passports(clock, registrar.jwks, async () => {
      asked++
      return { keys: [...registrar.jwks.keys, ...rotated.jwks.keys] }
    })
    expect(await passports.verify(await rotated.passport(ada, clock.now()))).toMatchObject({
      name: 'AdaOtter12',
    })
    expect(await passports.verify(await registrar.passport(ben, clock.now()))).toMatchObject({
      name: 'BenHeron34',
    })
    const unknown = await Registrar.open('unknown-key')
    for (let attempt = 0; attempt < 3; attempt++)
      await expect(passports.verify(await unknown.passport(ada, clock.now()))).rejects.toThrow()
    expect(asked).toBe(1)
    clock.advance(5 * 60_000)
    await expect(passports.verify(await unknown.passport(ada, clock.now()))).rejects.toThrow()
    expect(asked).toBe(2)
  })

  it('under an unknown key id are told from bad ones while the Worker is away', async () => {
    const passports = new Passports(clock, registrar.jwks, () => Promise.reject(new Error('away')))
    const unknown = await (await Registrar.open('unknown-key')).passport(ada, clock.now())
    const error = await passports.verify(unknown).catch((thrown: unknown) => thrown)
    expect(isUnknownKey(error)).toBe(true)
  })

  it('signed by a key that the Worker has withdrawn count no more', async () => {
    const { jwks } = await Registrar.open('next-key')
    const passports = new Passports(clock, registrar.jwks, async () => jwks)
    const jwt = await registrar.passport(ada, clock.now())
    await passports.verify(jwt)
    passports.replaceKeys(jwks)
    await expect(passports.verify(jwt)).rejects.toThrow()
  })

  it('end when they expire, remembered or not', async () => {
    const passports = new Passports(clock, registrar.jwks, async () => registrar.jwks)
    const jwt = await registrar.passport(ada, clock.now(), 1)
    await passports.verify(jwt)
    clock.advance(3_600_000 + 60_000)
    await expect(passports.verify(jwt)).rejects.toThrow()
  })
})
