import { beforeEach, describe, expect, it } from 'vitest'
import { toBase64Url } from '../../../protocol/bytes'
import { deviceIdOf } from '../../../protocol/device'
import { MAX_SIGNAL_BYTES, SIGNAL_FRESHNESS_MS } from '../../../protocol/limits'
import { isUnknownKey } from '../../../protocol/passport'
import { channelRoom } from '../../../protocol/room-id'
import { type Opener, sealFor } from '../../../protocol/sealed'
import {
  decodeEnvelope,
  decodeSignal,
  encodeSignal,
  openSigned,
  sealedEnvelope,
  signedEnvelope,
} from '../../../protocol/signal'
import { signAs } from '../../../protocol/signed'
import { showsOurKey } from '../../../services/identity/device-keys'
import { Signalling } from '../../../services/mesh/signalling'
import { Passports } from '../../../services/passports'
import { type Person, Registrar } from '../world/registrar'
import { ROOM } from '../world/room-world'
import { VirtualClock } from '../world/virtual-clock'

const OFFER = {
  type: 'offer',
  urgent: false,
  via: 'rtc',
  direct: false,
  sdp: 'v=0\r\na=fingerprint:sha-256 AA:BB\r\n',
} as const
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
    opener: person.opener,
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
    const { bytes, sig } = openSigned(await (await signalling(ada)).make(ben.device, nonce(), OFFER))
    const signal = decodeSignal(bytes)
    if (signal.via !== 'rtc') throw new Error('no SDP')
    const swapped = { ...signal, sdp: signal.sdp.replace('AA:BB', 'CC:DD') }
    const envelope = signedEnvelope(encodeSignal(swapped), sig)
    expect(await (await signalling(ben)).check(ada.device, envelope)).toEqual({ fault: 'bad-signature' })
  })

  it('means what it says of consent and of its way', async () => {
    const { bytes, sig } = openSigned(await (await signalling(ada)).make(ben.device, nonce(), OFFER))
    const at = await signalling(ben)
    for (const change of [
      { direct: true },
      { urgent: true },
      { type: 'decline' as const },
      { type: 'full' as const },
      { nonce: nonce() },
    ]) {
      const envelope = signedEnvelope(encodeSignal({ ...decodeSignal(bytes), ...change }), sig)
      expect(await at.check(ada.device, envelope)).toEqual({ fault: 'bad-signature' })
    }
    const key = crypto.getRandomValues(new Uint8Array(32))
    const hub = await (await signalling(ada)).make(ben.device, nonce(), {
      type: 'answer',
      urgent: false,
      via: 'hub',
      direct: true,
      key,
    })
    expect(await at.check(ada.device, hub)).toMatchObject({
      signal: { type: 'answer', via: 'hub', direct: true, key },
    })
  })

  it('that comes twice at once is trusted once', async () => {
    const envelope = await (await signalling(ada)).make(ben.device, nonce(), OFFER)
    const at = await signalling(ben)
    const checks = await Promise.all([at.check(ada.device, envelope), at.check(ada.device, envelope)])
    expect(checks.filter((checked) => 'fault' in checked)).toEqual([{ fault: 'replayed' }])
  })

  it('is not kept from being trusted by a forgery under the same nonce', async () => {
    const envelope = await (await signalling(ada)).make(ben.device, nonce(), OFFER)
    const { bytes } = openSigned(envelope)
    const at = await signalling(ben)
    const forged = signedEnvelope(bytes, new Uint8Array(64))
    expect(await at.check(ada.device, forged)).toEqual({ fault: 'bad-signature' })
    expect(await at.check(ada.device, envelope)).toHaveProperty('signal')
  })

  it('that comes after something its sender signed later is worth nothing', async () => {
    const [from, at] = [await signalling(ada), await signalling(ben)]
    const slow = await from.make(ben.device, nonce(), OFFER)
    const answer = { ...OFFER, type: 'answer' } as const
    const slowAnswer = await from.make(ben.device, nonce(), answer)
    clock.advance(1)
    const quick = await from.make(ben.device, nonce(), answer)
    expect(await at.check(ada.device, quick)).toHaveProperty('signal')
    expect(await at.check(ada.device, slow)).toEqual({ fault: 'stale' })
    // An answer is of use or not, by its nonce.
    expect(await at.check(ada.device, slowAnswer)).toHaveProperty('signal')
    expect(await at.check(ada.device, await from.make(ben.device, nonce(), OFFER))).toHaveProperty('signal')
  })

  it('under our own name is refused', async () => {
    const envelope = await (await signalling(ada)).make(ada.device, nonce(), OFFER)
    expect(await (await signalling(ada)).check(ada.device, envelope)).toEqual({ fault: 'misdirected' })
  })

  it('among too many of one sender is not looked at, and another sender is', async () => {
    const at = await signalling(ben)
    const from = await signalling(ada)
    const { bytes } = openSigned(await from.make(ben.device, nonce(), OFFER))
    const forged = signedEnvelope(bytes, new Uint8Array(64))
    const faults = []
    for (let index = 0; index < 30; index++) faults.push(await at.check(ada.device, forged))
    expect(faults.filter((checked) => 'fault' in checked && checked.fault === 'bad-signature').length).toBe(
      12,
    )
    expect(faults.at(-1)).toEqual({ fault: 'too-many-signals' })
    const cleo = await registrar.person('CleoLynx56')
    const hers = await (await signalling(cleo)).make(ben.device, nonce(), OFFER)
    expect(await at.check(cleo.device, hers)).toHaveProperty('signal')
    clock.advance(1_000)
    expect(await at.check(ada.device, await from.make(ben.device, nonce(), OFFER))).toHaveProperty('signal')
  })

  it('over links is counted for the member that brought it, who cannot use up what others may bring', async () => {
    const at = await signalling(ben)
    const [relay, other] = [await registrar.person('CleoLynx56'), await registrar.person('DanMoose78')]
    const { bytes } = openSigned(await (await signalling(ada)).make(ben.device, nonce(), OFFER))
    const forged = async (via: Person) => {
      const from = deviceIdOf(crypto.getRandomValues(new Uint8Array(32)))
      const signal = encodeSignal({ ...decodeSignal(bytes), from })
      return at.check(from, signedEnvelope(signal, new Uint8Array(64)), via.device)
    }
    const checks = []
    for (let index = 0; index < 30; index++) checks.push(await forged(relay))
    expect(checks.filter((checked) => 'fault' in checked && checked.fault === 'bad-signature')).toHaveLength(
      12,
    )
    expect(await forged(relay)).toEqual({ fault: 'too-many-signals' })
    expect(await forged(other)).toEqual({ fault: 'bad-signature' })
    const hers = await (await signalling(ada)).make(ben.device, nonce(), OFFER)
    expect(await at.check(ada.device, hers, other.device)).toHaveProperty('signal')
    // The same once more through the room object: whoever gets it twice looks at it once.
    expect(await at.check(ada.device, hers)).toEqual({ fault: 'replayed' })
  })

  it('of ever new senders costs a bounded number of checks', async () => {
    const at = await signalling(ben)
    let checked = 0
    const { bytes } = openSigned(await (await signalling(ada)).make(ben.device, nonce(), OFFER))
    for (let index = 0; index < 300; index++) {
      const from = deviceIdOf(crypto.getRandomValues(new Uint8Array(32)))
      const signal = encodeSignal({ ...decodeSignal(bytes), from })
      const result = await at.check(from, signedEnvelope(signal, new Uint8Array(64)))
      if ('fault' in result && result.fault === 'bad-signature') checked++
    }
    expect(checked).toBe(100)
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
    const { bytes } = openSigned(await (await signalling(ada)).make(ben.device, nonce(), OFFER))
    const stolen = encodeSignal({
      ...decodeSignal(bytes),
      passport: await registrar.passport(ben, clock.now()),
    })
    const envelope = signedEnvelope(stolen, await signAs(ada.signer, 'signal', stolen))
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

describe('a sealed signal', () => {
  /** Ben's own, who knows Ada's key, and counts what he opens. */
  async function openingBy(person: Person) {
    let opened = 0
    const opener: Opener = {
      ...person.opener,
      open: (sealed, route) => {
        opened++
        return person.opener.open(sealed, route)
      },
    }
    return { at: await signalling({ ...person, opener }), opened: () => opened }
  }
  /** Ada's signalling, which was shown Ben's key. */
  async function knowing(other: Person, from = ada) {
    const made = await signalling(from)
    made.heardKey(other.device, other.opener.key, clock.now())
    return made
  }
  const sealedIn = (envelope: Uint8Array) => {
    const parts = decodeEnvelope(envelope)
    if (!('box' in parts)) throw new Error('not sealed')
    return parts
  }
  const route = (from: Person, to: Person) => ({ room: ROOM, from: from.device, to: to.device })

  it('is read by its addressee alone, and looked at once', async () => {
    const { at, opened } = await openingBy(ben)
    const envelope = await (await knowing(ben)).make(ben.device, nonce(), OFFER, true)
    const text = Buffer.from(envelope).toString('latin1')
    for (const word of ['fingerprint', 'twitch:', ada.device, 'offer'])
      expect([word, text.includes(word)]).toEqual([word, false])
    expect(await at.check(ada.device, envelope)).toMatchObject({ signal: { sdp: OFFER.sdp } })
    for (const via of [ada.device, deviceIdOf(new Uint8Array(32))])
      expect(await at.check(ada.device, envelope, via)).toEqual({ fault: 'replayed' })
    expect(opened()).toBe(1)
    const cleo = await registrar.person('CleoLynx56')
    expect(await (await signalling(cleo)).check(ada.device, envelope)).toEqual({ fault: 'bad-seal' })
    expect(await at.check(cleo.device, envelope)).toEqual({ fault: 'bad-seal' })
    const elsewhere = await signalling(ben, channelRoom('elsewhere'))
    expect(await elsewhere.check(ada.device, envelope)).toEqual({ fault: 'bad-seal' })
  })

  it('that shows addresses is not made without a key, or for one that is none', async () => {
    const from = await signalling(ada)
    await expect(from.make(ben.device, nonce(), OFFER, true)).rejects.toThrow()
    expect(openSigned(await from.make(ben.device, nonce(), OFFER))).toHaveProperty('sig')
    from.heardKey(ben.device, new Uint8Array(32), clock.now())
    await expect(from.make(ben.device, nonce(), OFFER)).rejects.toThrow()
  })

  it('answers whoever was not known: an offer shows the key that its answer is sealed to', async () => {
    const [from, at] = [await signalling(ada), await signalling(ben)]
    expect(at.canSealFor(ada.device)).toBe(false)
    await at.check(ada.device, await from.make(ben.device, nonce(), OFFER))
    expect(at.canSealFor(ada.device)).toBe(true)
    const answer = await at.make(ada.device, nonce(), { ...OFFER, type: 'answer' }, true)
    expect(sealedIn(answer).enc).toHaveLength(32)
    expect(await from.check(ben.device, answer)).toHaveProperty('signal')
  })

  it('goes by the newest word on the key, whatever comes late', async () => {
    const from = await knowing(ben)
    const cleo = await registrar.person('CleoLynx56')
    from.heardKey(ben.device, cleo.opener.key, clock.now() - 1)
    const at = await signalling(ben)
    expect(await at.check(ada.device, await from.make(ben.device, nonce(), OFFER))).toHaveProperty('signal')
    from.heardKey(ben.device, cleo.opener.key, clock.now() + 1)
    expect(await at.check(ada.device, await from.make(ben.device, nonce(), OFFER))).toEqual({
      fault: 'bad-seal',
    })
  })

  it('by somebody else counts for nothing: anybody can seal, nobody can sign', async () => {
    const at = await signalling(ben)
    const cleo = await registrar.person('CleoLynx56')
    const envelope = await (await knowing(ben, cleo)).make(ben.device, nonce(), OFFER)
    const hers = await ben.opener.open(sealedIn(envelope), route(cleo, ben))
    // Opened by Ben and sealed to somebody else, or in another's name.
    const passedOn = sealedEnvelope(await sealFor(ada.opener.key, route(cleo, ada), hers))
    expect(await (await signalling(ada)).check(cleo.device, passedOn)).toEqual({ fault: 'misdirected' })
    const renamed = sealedEnvelope(await sealFor(ben.opener.key, route(ada, ben), hers))
    expect(await at.check(ada.device, renamed)).toEqual({ fault: 'misdirected' })
    const { bytes } = openSigned(hers)
    const unsigned = sealedEnvelope(
      await sealFor(ben.opener.key, route(cleo, ben), signedEnvelope(bytes, new Uint8Array(64))),
    )
    // Nor does the same again pass for one of hers that is known: it would tell us which way her signals come.
    for (let again = 0; again < 2; again++)
      expect(await at.check(cleo.device, unsigned)).toEqual({ fault: 'bad-signature' })
    // What is inside counts once, however often it is sealed.
    expect(await at.check(cleo.device, envelope)).toHaveProperty('signal')
    const again = sealedEnvelope(await sealFor(ben.opener.key, route(cleo, ben), hers))
    expect(await at.check(cleo.device, again)).toEqual({ fault: 'replayed' })
  })

  it('is not kept from being trusted by a changed one that came before it', async () => {
    const at = await signalling(ben)
    const envelope = await (await knowing(ben)).make(ben.device, nonce(), OFFER)
    const { enc, box } = sealedIn(envelope)
    for (let index = 0; index < 3; index++) {
      const changed = sealedEnvelope({
        enc,
        box: box.map((byte, other) => (other === index ? byte ^ 1 : byte)),
      })
      expect(await at.check(ada.device, changed)).toEqual({ fault: 'bad-seal' })
    }
    expect(await at.check(ada.device, envelope)).toHaveProperty('signal')
  })

  it('of garbage is opened a bounded number of times, for whoever brings it', async () => {
    const { at, opened } = await openingBy(ben)
    const relay = await registrar.person('CleoLynx56')
    const garbage = () =>
      sealedEnvelope({
        enc: crypto.getRandomValues(new Uint8Array(32)),
        box: crypto.getRandomValues(new Uint8Array(900)),
      })
    const someone = () => deviceIdOf(crypto.getRandomValues(new Uint8Array(32)))
    const faults = []
    for (let index = 0; index < 40; index++) faults.push(await at.check(someone(), garbage(), relay.device))
    expect([opened(), faults.at(-1)]).toEqual([12, { fault: 'too-many-signals' }])
    const hers = await (await knowing(ben)).make(ben.device, nonce(), OFFER)
    expect(await at.check(ada.device, hers)).toHaveProperty('signal')
    for (let index = 0; index < 300; index++) await at.check(someone(), garbage())
    expect(opened()).toBe(100)
  })

  it('has room for the largest that may be signed', async () => {
    const signed = signedEnvelope(new Uint8Array(4_096), new Uint8Array(64))
    const envelope = sealedEnvelope(await sealFor(ben.opener.key, route(ada, ben), signed))
    expect(envelope.length).toBeLessThanOrEqual(MAX_SIGNAL_BYTES)
    expect(await ben.opener.open(sealedIn(envelope), route(ada, ben))).toEqual(signed)
    expect(() => sealedEnvelope({ enc: new Uint8Array(32), box: new Uint8Array(MAX_SIGNAL_BYTES) })).toThrow()
  })
})

describe('our own passport', () => {
  it('is shown only if it names our key', async () => {
    const passport = await registrar.passport(ada, clock.now())
    expect(showsOurKey(passport, { seal: toBase64Url(ada.opener.key) })).toBe(true)
    expect(showsOurKey(passport, { seal: toBase64Url(ben.opener.key) })).toBe(false)
    expect(showsOurKey('', { seal: toBase64Url(ada.opener.key) })).toBe(false)
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
