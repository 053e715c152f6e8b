import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { IceServers } from '../../../../protocol/api'
import type { DeviceId } from '../../../../protocol/device'
import { PRESENCE_LIFETIME_MS } from '../../../../protocol/limits'
import { bytesOf, bytesUpTo, z } from '../../../../protocol/schema'
import { sealFor } from '../../../../protocol/sealed'
import {
  decodeEnvelope,
  decodeSignal,
  encodeSignal,
  openSigned,
  type Signal,
  sealedEnvelope,
  signedEnvelope,
} from '../../../../protocol/signal'
import { DIAL_DEADLINE_MS } from '../../../../services/mesh/dialler'
import { IMPROVE_GRACE_MS } from '../../../../services/mesh/improvements'
import { isTampering } from '../../../../services/mesh/mesh-wiring'
import { MAX_ACCEPTS } from '../../../../services/mesh/overlay/parameters'
import { Signalling, type Statement } from '../../../../services/mesh/signalling'
import { RTC_AGAIN_MS } from '../../../../services/mesh/terms'
import { type Linker, LinkWorld, type Terms, TURN, text } from '../../world/link-world'
import { HOST_ADDRESS, memorySdp, PUBLIC_ADDRESS } from '../../world/memory-links'
import { Registrar } from '../../world/registrar'
import { ROOM } from '../../world/room-world'
import { pass, until } from '../../world/virtual-clock'

let world: LinkWorld
beforeEach(async () => {
  world = await LinkWorld.create()
})
afterEach(() => {
  world.close()
  expect(world.clock.pending).toBe(0)
  // Whoever is linked with whom, and agreed to what: nobody on the way reads an address.
  expect(world.envelopes.map((bytes) => Buffer.from(bytes).toString('latin1')).filter(betrays)).toEqual([])
})

const linkedBy = (one: Linker, other: Linker, kind: string) =>
  until(world.clock, () => world.kind(one, other) === kind, kind, 20)
const sdps = (from?: Linker) =>
  world.signals.flatMap((signal) =>
    signal.via === 'rtc' && (!from || signal.from === from.person.device) ? signal.sdp : [],
  )
const betrays = (sdp: string) => sdp.includes(HOST_ADDRESS) || sdp.includes(PUBLIC_ADDRESS)
const types = () => world.signals.map(({ via, type }) => `${via} ${type}`)

const booleans = [false, true]
const combinations = booleans.flatMap((ours) =>
  booleans.flatMap((theirs) =>
    booleans.flatMap((turn) => booleans.map((turns) => [ours, theirs, turn, turns])),
  ),
) as [boolean, boolean, boolean, boolean][]

describe('two viewers', () => {
  it.each(combinations)(
    'who agree (%s, %s) and have TURN (%s, %s) are linked, and show no address unless both agreed',
    async (ours, theirs, turn, turns) => {
      const terms = (direct: boolean, hasTurn: boolean): Terms => ({
        direct,
        iceServers: hasTurn ? TURN : [],
      })
      const [ada, ben] = await world.pair(terms(ours, turn), terms(theirs, turns))
      world.introduce(ada, ben)
      await linkedBy(ada, ben, ours && theirs ? 'direct' : turn && turns ? 'turn' : 'hub')
      ada.mesh.broadcast(text('hello'))
      ben.mesh.broadcast(text('hello'))
      await until(world.clock, () => ada.received.length === 1 && ben.received.length === 1)
      expect(sdps().some(betrays)).toBe(ours && theirs)
      for (const { policy, iceServers } of [...ada.links.terms, ...ben.links.terms]) {
        if (!(ours && theirs)) expect(policy).toBe('relay')
        if (policy === 'relay')
          expect(iceServers).toEqual([{ urls: ['turn:203.0.112.9:3478'], username: 'u', credential: 'c' }])
      }
      expect([...ada.faults, ...ben.faults]).toEqual([])
    },
  )

  it.each([
    ['through TURN', TURN, 'turn'],
    ['through the room object', [], 'hub'],
  ] satisfies [string, IceServers, string][])(
    'who agree without knowing it of each other are linked %s first, and directly within two seconds',
    async (_, iceServers, first) => {
      for (const offering of [0, 1]) {
        world.close()
        world = await LinkWorld.create()
        const pair = await world.pair({ direct: true, iceServers }, { direct: true, iceServers })
        const [one, other] = offering === 0 ? pair : pair.toReversed()
        if (!one || !other) throw new Error('no pair')
        world.introduce(one, other)
        await until(world.clock, () => one.mesh.peers.length === 1 && other.mesh.peers.length === 1)
        expect([world.kind(one, other), sdps(one).some(betrays)]).toEqual([first, false])
        const linkedAt = world.clock.now()
        await linkedBy(one, other, 'direct')
        expect(world.clock.now() - linkedAt).toBeLessThanOrEqual(2_000)
        await pass(world.clock, 2 * IMPROVE_GRACE_MS, 500)
        expect([one.unlinked, other.unlinked, world.network.pending]).toEqual([[], [], 0])
        expect(types().filter((type) => type.endsWith('offer'))).toHaveLength(2)
      }
    },
  )

  it('keep their direct link when the clock jumps, whoever speaks first then', async () => {
    const agreed = { direct: true, iceServers: TURN }
    const [ada, ben] = await world.pair(agreed, agreed)
    const cleo = await world.add(await (await Registrar.open()).person('CleoLynx56'), agreed)
    world.introduce(ada, ben)
    await linkedBy(ada, ben, 'direct')
    world.clock.advance(2 * PRESENCE_LIFETIME_MS)
    ada.mesh.heardConsent(cleo.person.device, true, world.clock.now(), cleo.person.opener.key)
    ada.mesh.heardConsent(cleo.person.device, false, world.clock.now(), cleo.person.opener.key)
    ada.mesh.termsChanged()
    await pass(world.clock, 3_000, 100)
    expect([world.kind(ada, ben), ada.unlinked, ben.unlinked]).toEqual(['direct', [], []])
    // The peer's own word still ends it.
    ada.mesh.heardConsent(ben.person.device, false, world.clock.now(), ben.person.opener.key)
    await until(world.clock, () => world.kind(ada, ben) !== 'direct')
  })

  it('who dial each other at once end up with one link', async () => {
    const [ada, ben] = await world.pair({ iceServers: TURN }, {})
    world.introduce(ada, ben)
    world.introduce(ben, ada)
    await linkedBy(ada, ben, 'hub')
    await pass(world.clock, 3_000, 20)
    expect([ada.linked.size, ben.linked.size]).toEqual([1, 1])
  })

  it('one of whom declines are linked through the room object at once', async () => {
    const [ada, ben] = await world.pair({ iceServers: TURN }, {})
    const begunAt = world.clock.now()
    world.introduce(ada, ben)
    await linkedBy(ada, ben, 'hub')
    expect(world.clock.now() - begunAt).toBeLessThan(3_000)
    await pass(world.clock, 10_000, 100)
    expect(types()).toEqual(['rtc offer', 'hub decline', 'hub offer', 'hub answer'])
    expect(world.network.pending).toBe(0)
  })

  it('one of whom finds no relay when it answers are linked through the room object at once', async () => {
    const [ada, ben] = await world.pair({ iceServers: TURN }, { iceServers: TURN })
    world.network.describe = (id, policy) =>
      memorySdp(id, policy).replace(/a=candidate.*typ relay.*\r\n/, id.startsWith('answer') ? '' : '$&')
    const begunAt = world.clock.now()
    world.introduce(ada, ben)
    await linkedBy(ada, ben, 'hub')
    expect(world.clock.now() - begunAt).toBeLessThan(5_000)
    expect(types().slice(0, 2)).toEqual(['rtc offer', 'hub decline'])
    expect(sdps(ben)).toEqual([])
  })

  it('of whom one agreed are not linked directly', async () => {
    const [ada, ben] = await world.pair({ direct: true, iceServers: TURN }, { iceServers: TURN })
    world.introduce(ada, ben)
    await until(world.clock, () => world.kind(ada, ben) !== undefined)
    expect(['turn', 'hub']).toContain(world.kind(ada, ben))
    expect(sdps(ben).some(betrays)).toBe(false)
    // Nothing was tried with what the peer did not agree to.
    expect(world.network.links.length).toBeLessThanOrEqual(2)
  })

  it('are linked through the room object where WebRTC does not pass, and directly once it does', async () => {
    const [ada, ben] = await world.pair({ iceServers: TURN }, { iceServers: TURN })
    world.network.passes = () => false
    world.introduce(ada, ben)
    await linkedBy(ada, ben, 'hub')
    expect(world.clock.now()).toBeGreaterThan(1_800_000_000_000 + DIAL_DEADLINE_MS - 1)
    await pass(world.clock, RTC_AGAIN_MS + DIAL_DEADLINE_MS + 5_000, 500)
    expect(world.kind(ada, ben)).toBe('hub')
    world.network.passes = () => true
    await until(world.clock, () => world.kind(ada, ben) === 'turn', 'better', 200)
    ada.mesh.broadcast(text('over TURN'))
    await until(world.clock, () => ben.received.includes('over TURN'))
    expect([ada.unlinked, ben.unlinked]).toEqual([[], []])
    expect(world.network.pending).toBe(0)
  })

  it('keep a link while a better one is tried, and lose nothing by it', async () => {
    const [ada, ben] = await world.pair({}, {})
    world.introduce(ada, ben)
    await linkedBy(ada, ben, 'hub')
    world.network.passes = () => false
    ada.terms.iceServers = TURN
    ben.terms.iceServers = TURN
    ada.mesh.termsChanged()
    await until(world.clock, () => types().includes('rtc answer'))
    for (let index = 0; index < 5; index++) {
      ada.mesh.broadcast(text(`a${index}`))
      ben.mesh.broadcast(text(`b${index}`))
      await pass(world.clock, DIAL_DEADLINE_MS / 4, 200)
    }
    expect(ada.received).toHaveLength(5)
    expect(ben.received).toHaveLength(5)
    expect([ada.unlinked, ben.unlinked]).toEqual([[], []])
  })

  it('whose old link ends while a better one is tried are unlinked once, when that fails', async () => {
    const [ada, ben] = await world.pair({}, {})
    world.introduce(ada, ben)
    await linkedBy(ada, ben, 'hub')
    world.network.passes = () => false
    ada.terms.iceServers = TURN
    ben.terms.iceServers = TURN
    await until(world.clock, () => types().includes('rtc answer'))
    ada.mesh.hubClosed()
    ben.mesh.hubClosed()
    await until(world.clock, () => ada.unlinked.length > 0 && ben.unlinked.length > 0, 'unlinked', 100)
    await linkedBy(ada, ben, 'hub')
    expect([ada.unlinked.length, ben.unlinked.length]).toEqual([1, 1])
  })

  it('who agree later go over to a direct link, and back when one withdraws', async () => {
    const [ada, ben] = await world.pair({ iceServers: TURN }, { iceServers: TURN })
    world.introduce(ada, ben)
    await linkedBy(ada, ben, 'turn')
    const agree = (direct: boolean) => {
      ben.terms.direct = direct
      ada.mesh.heardConsent(ben.person.device, direct, world.clock.now(), ben.person.opener.key)
    }
    ada.terms.direct = true
    ben.mesh.heardConsent(ada.person.device, true, world.clock.now(), ada.person.opener.key)
    agree(true)
    await linkedBy(ada, ben, 'direct')
    expect([ada.unlinked, ben.unlinked]).toEqual([[], []])
    const before = world.signals.length
    agree(false)
    ben.mesh.termsChanged()
    await until(world.clock, () => world.kind(ada, ben) === 'turn', 'relayed again', 100)
    expect(world.signals.slice(before).some((signal) => signal.via === 'rtc' && betrays(signal.sdp))).toBe(
      false,
    )
  })

  it('go over to a direct link also when only the end that answers knows that both agree', async () => {
    const [ada, ben] = await world.pair({ iceServers: TURN }, { iceServers: TURN })
    world.introduce(ada, ben)
    await linkedBy(ada, ben, 'turn')
    ada.terms.direct = true
    ben.terms.direct = true
    ben.mesh.heardConsent(ada.person.device, true, world.clock.now(), ada.person.opener.key)
    await pass(world.clock, IMPROVE_GRACE_MS - 1_000, 200)
    expect(world.kind(ada, ben)).toBe('turn')
    await linkedBy(ada, ben, 'direct')
  })

  it('one of whom slept through the other’s offers get their relayed link back soon', async () => {
    const [ada, ben] = await world.pair({ iceServers: TURN }, { iceServers: TURN })
    world.introduce(ada, ben)
    await linkedBy(ada, ben, 'turn')
    ben.isOnline = false
    world.silent.add(ben.person.device)
    ada.links.breakAll()
    const before = types().length
    await pass(world.clock, 75_000, 500)
    expect(
      types()
        .slice(before)
        .filter((type) => type === 'rtc offer').length,
    ).toBeGreaterThan(1)
    ben.mesh.step({ t: 'gone', peer: ada.person.device })
    ben.isOnline = true
    const awakeAt = world.clock.now()
    await until(world.clock, () => world.kind(ada, ben) === 'turn', 'relayed', 100)
    expect(world.clock.now() - awakeAt).toBeLessThan(RTC_AGAIN_MS / 2)
  })

  it('one of whom withdraws while it dials sends no address', async () => {
    const [ada, ben] = await world.pair(
      { direct: true, iceServers: TURN },
      { direct: true, iceServers: TURN },
    )
    ada.mesh.heardConsent(ben.person.device, true, world.clock.now(), ben.person.opener.key)
    world.introduce(ada, ben)
    ada.terms.direct = false
    ada.mesh.termsChanged()
    await linkedBy(ada, ben, 'turn')
    expect(sdps().some(betrays)).toBe(false)
  })

  it('one of whom withdraws, and nobody was told yet, sends no address', async () => {
    const [ada, ben] = await world.pair(
      { direct: true, iceServers: TURN },
      { direct: true, iceServers: TURN },
    )
    ada.mesh.heardConsent(ben.person.device, true, world.clock.now(), ben.person.opener.key)
    world.introduce(ada, ben)
    ada.terms.direct = false
    await until(world.clock, () => world.kind(ada, ben) !== undefined)
    expect(sdps().some(betrays)).toBe(false)
  })

  it('one of whom withdraws while the link opens are not linked by it', async () => {
    const [ada, ben] = await world.pair(
      { direct: true, iceServers: TURN },
      { direct: true, iceServers: TURN },
    )
    world.network.passes = (policy) => {
      if (policy === 'all') ada.terms.direct = false
      return true
    }
    ada.mesh.heardConsent(ben.person.device, true, world.clock.now(), ben.person.opener.key)
    world.introduce(ada, ben)
    await until(world.clock, () => world.kind(ada, ben) === 'turn', 'relayed', 50)
    expect(ada.links.opened.map(({ kind }) => kind)).toContain('direct')
    expect([...ada.linked.values(), ...ben.linked.values()].map(({ kind }) => kind)).not.toContain('direct')
  })

  it('say goodbye to a link that is being replaced', async () => {
    const [ada, ben] = await world.pair({}, {})
    world.introduce(ada, ben)
    await linkedBy(ada, ben, 'hub')
    world.network.passes = () => false
    ada.terms.iceServers = TURN
    ben.terms.iceServers = TURN
    await until(world.clock, () => types().includes('rtc answer'))
    ada.mesh.step({ t: 'gone', peer: ben.person.device })
    ben.mesh.step({ t: 'gone', peer: ada.person.device })
    await until(world.clock, () => ada.unlinked.length > 0 && ben.unlinked.length > 0)
    expect(world.network.pending).toBe(0)
    await pass(world.clock, 2 * DIAL_DEADLINE_MS, 500)
    expect([ada.unlinked.length, ben.unlinked.length]).toEqual([1, 1])
    expect([ada.mesh.peers, ben.mesh.peers]).toEqual([[], []])
    expect(world.network.pending).toBe(0)
  })

  it('leave nothing behind', async () => {
    const [ada, ben] = await world.pair({ iceServers: TURN }, { iceServers: TURN })
    world.network.passes = () => false
    world.introduce(ada, ben)
    await until(world.clock, () => world.network.pending === 2)
    world.close()
    await pass(world.clock, 100, 10)
    expect(world.network.pending).toBe(0)
  })
})

describe('whoever passes signals on', () => {
  it('makes no link by swapping a fingerprint, and is noticed', async () => {
    const [ada, ben] = await world.pair({ iceServers: TURN }, { iceServers: TURN })
    world.tamperSignal = (envelope) => {
      const { bytes, sig } = openSigned(envelope)
      const signal = decodeSignal(bytes)
      if (signal.via !== 'rtc') return envelope
      return signedEnvelope(encodeSignal({ ...signal, sdp: signal.sdp.replace('AB:AB', 'CD:CD') }), sig)
    }
    world.introduce(ada, ben)
    await until(world.clock, () => ben.faults.length > 0)
    expect(ben.faults).toEqual([['bad-signature', ada.person.device]])
    expect(isTampering('bad-signature')).toBe(true)
    expect(world.network.links).toEqual([])
  })

  it('makes no link by putting its own key into a hub link, though it seals that, too', async () => {
    const [ada, ben] = await world.pair({}, {})
    world.tamperSignal = async (envelope, from, to) => {
      const signal = world.signals.at(-1)
      if (signal?.via !== 'hub' || signal.type !== 'answer') return envelope
      const key = crypto.getRandomValues(new Uint8Array(32))
      const forged = signedEnvelope(encodeSignal({ ...signal, key }), new Uint8Array(64))
      return sealedEnvelope(await sealFor(ada.person.opener.key, { room: ROOM, from, to }, forged))
    }
    world.introduce(ada, ben)
    await until(world.clock, () => ada.faults.length > 0)
    await pass(world.clock, 1_000, 50)
    expect(ada.faults[0]).toEqual(['bad-signature', ben.person.device])
    expect([ada.mesh.peers, ben.mesh.peers]).toEqual([[], []])
  })

  it('makes no link by changing what is sealed, and is noticed', async () => {
    const [ada, ben] = await world.pair({ direct: true }, { direct: true })
    ada.mesh.heardConsent(ben.person.device, true, world.clock.now(), ben.person.opener.key)
    world.tamperSignal = (envelope) => {
      const { enc, box } = z
        .object({ enc: bytesOf(32), box: bytesUpTo(5_000) })
        .parse(decodeEnvelope(envelope))
      return sealedEnvelope({ enc, box: box.map((byte, at) => (at === 100 ? byte ^ 1 : byte)) })
    }
    world.introduce(ada, ben)
    await until(world.clock, () => ben.faults.length > 0)
    expect(ben.faults).toEqual([['bad-seal', ada.person.device]])
    expect(isTampering('bad-seal')).toBe(true)
    expect(ben.links.terms).toEqual([])
  })
})

describe('a peer that floods us with signals', () => {
  let victim: Linker
  let registrar: Registrar
  /** Offers that the network knows so far. */
  let offers: number
  beforeEach(async () => {
    registrar = await Registrar.open()
    offers = 0
  })

  /** Somebody with a valid passport who signs whatever serves them. */
  async function hostile(to: DeviceId) {
    const person = await registrar.person('MalloryMink22')
    const passport = await registrar.passport(person, world.clock.now())
    const signalling = new Signalling({
      room: ROOM,
      signer: person.signer,
      opener: person.opener,
      clock: world.clock,
      passport: () => passport,
      verifyPassport: () => Promise.reject(new Error('unused')),
    })
    const send = async (statement: Statement, nonce = crypto.getRandomValues(new Uint8Array(16))) =>
      victim.mesh.receiveSignal(person.device, await signalling.make(to, nonce, statement))
    world.silent.add(person.device)
    return { device: person.device, key: person.opener.key, send }
  }

  async function attacked(terms: Partial<Terms>) {
    world = await LinkWorld.create(registrar)
    ;[victim] = await world.pair(terms, {})
    return victim.person.device
  }
  const rtcOffer = (direct = true): Statement => {
    world.network.offer({ policy: 'all', iceServers: [] }).abandon()
    return { type: 'offer', urgent: true, via: 'rtc', direct, sdp: memorySdp(`offer${offers++}`) }
  }
  const hubOffer = (): Statement => ({
    type: 'offer',
    urgent: true,
    via: 'hub',
    direct: false,
    key: crypto.getRandomValues(new Uint8Array(32)),
  })
  const answers = (type: Signal['type']) => world.signals.filter((signal) => signal.type === type).length

  it('is declined now and then only', async () => {
    const { send } = await hostile(await attacked({}))
    for (let index = 0; index < 100; index++) {
      await send(rtcOffer())
      await pass(world.clock, 100, 50)
    }
    expect(answers('decline')).toBeGreaterThan(0)
    expect(answers('decline')).toBeLessThanOrEqual(4)
    expect(victim.faults.filter(([fault]) => fault === 'too-many-signals').length).toBeGreaterThan(50)
  })

  it('gets no second connection within three seconds, by whatever way', async () => {
    const { send } = await hostile(await attacked({ iceServers: TURN }))
    for (let index = 0; index < 5; index++) {
      await send(rtcOffer(false))
      if (index < 4) await send(hubOffer())
    }
    await pass(world.clock, 1_000, 50)
    expect(answers('answer')).toBe(1)
    expect(victim.links.terms).toHaveLength(1)
    await pass(world.clock, 2_000, 50)
    await send(hubOffer())
    await until(world.clock, () => answers('answer') === 2)
  })

  it('in the company of others is answered up to a bound', async () => {
    const to = await attacked({})
    for (let index = 0; index < 2 * MAX_ACCEPTS; index++) await (await hostile(to)).send(hubOffer())
    await pass(world.clock, 1_000, 50)
    expect(answers('answer')).toBe(MAX_ACCEPTS)
    await pass(world.clock, DIAL_DEADLINE_MS, 500)
    expect(victim.mesh.peers).toEqual([])
  })

  it('cannot make us decide by declining what we never offered', async () => {
    const { device, key, send } = await hostile(await attacked({ direct: true, iceServers: TURN }))
    victim.mesh.heardConsent(device, true, world.clock.now(), key)
    const no: Statement = {
      type: 'decline',
      urgent: false,
      via: 'hub',
      direct: true,
      key: new Uint8Array(32),
    }
    for (let index = 0; index < 5; index++) await send(no)
    await pass(world.clock, 500, 50)
    expect(world.signals).toEqual([])
    victim.mesh.step({ t: 'introduced', peers: [{ device, bucket: 'one' }] })
    await until(world.clock, () => world.signals.length === 1)
    const [offer] = world.signals
    if (!offer) throw new Error('no offer')
    for (let index = 0; index < 5; index++) await send(no, new Uint8Array(offer.nonce))
    await pass(world.clock, 3_000, 50)
    expect(types()).toEqual(['rtc offer', 'hub offer'])
  })

  it('that says it agrees gets no address of one who does not', async () => {
    const { send } = await hostile(await attacked({ direct: false, iceServers: TURN }))
    await send(rtcOffer(true))
    await until(world.clock, () => answers('answer') === 1)
    expect(sdps().some(betrays)).toBe(false)
    expect(victim.links.terms.map(({ policy }) => policy)).toEqual(['relay'])
  })

  it('has our TURN server knock at no door in its answer', async () => {
    const { device, send } = await hostile(await attacked({ iceServers: TURN }))
    victim.mesh.step({ t: 'introduced', peers: [{ device, bucket: 'one' }] })
    await until(world.clock, () => world.signals.length === 1)
    const [offer] = world.signals
    if (!offer) throw new Error('no offer')
    await send(
      { type: 'answer', urgent: false, via: 'rtc', direct: true, sdp: memorySdp('answer') },
      new Uint8Array(offer.nonce),
    )
    expect(victim.links.heard).toHaveLength(1)
    expect(victim.links.heard.some(betrays)).toBe(false)
  })

  it('is declined when its offer has nothing that may be tried', async () => {
    const { send } = await hostile(await attacked({ iceServers: TURN }))
    const sdp = memorySdp('abcd').replace(/203\.0\.112\.9/g, '192.168.1.1')
    await send({ ...rtcOffer(), via: 'rtc', sdp })
    await until(world.clock, () => answers('decline') === 1)
    expect(victim.links.terms).toEqual([])
  })
})
