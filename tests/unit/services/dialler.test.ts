import { beforeEach, describe, expect, it } from 'vitest'
import { toBase64Url } from '../../../protocol/bytes'
import { decodeSignal, openSigned } from '../../../protocol/signal'
import { DIAL_DEADLINE_MS, Dialler } from '../../../services/mesh/dialler'
import { HubLinks } from '../../../services/mesh/hub-links'
import type { Link } from '../../../services/mesh/link'
import { Signalling, type TrustedSignal } from '../../../services/mesh/signalling'
import { Terms } from '../../../services/mesh/terms'
import { TURN } from '../world/link-world'
import { HOST_ADDRESS, MemoryNetwork } from '../world/memory-links'
import { type Person, Registrar } from '../world/registrar'
import { ROOM } from '../world/room-world'
import { pass, until, VirtualClock } from '../world/virtual-clock'

let clock: VirtualClock
let network: MemoryNetwork
let ada: End
let ben: End
let agrees: boolean

interface End {
  person: Person
  dialler: Dialler
  terms: Terms
  check(envelope: Uint8Array, from: End): Promise<TrustedSignal>
  sent: Uint8Array[]
  opened: Link[]
  failed: number
}

async function end(registrar: Registrar, name: string): Promise<End> {
  const person = await registrar.person(name)
  const passport = await registrar.passport(person, clock.now())
  const signalling = new Signalling({
    room: ROOM,
    signer: person.signer,
    opener: person.opener,
    clock,
    passport: () => passport,
    verifyPassport: async () =>
      ({ device: passportOf.get(passport), seal: toBase64Url(person.opener.key) }) as never,
  })
  passportOf.set(passport, person.device)
  const terms = new Terms({ clock, direct: () => agrees, iceServers: () => TURN })
  const made: End = {
    terms,
    person,
    sent: [],
    opened: [],
    failed: 0,
    check: async (envelope, from) => {
      const checked = await new Signalling({
        room: ROOM,
        signer: person.signer,
        opener: person.opener,
        clock,
        passport: () => passport,
        verifyPassport: async (jwt) => ({ device: passportOf.get(jwt) }) as never,
      }).check(from.person.device, envelope)
      if ('fault' in checked) throw new Error(checked.fault)
      return checked
    },
    dialler: new Dialler({
      clock,
      signalling,
      links: network,
      terms,
      hub: new HubLinks({
        me: person.device,
        room: ROOM,
        clock,
        sendHub: () => true,
        onHubFault: () => {},
      }),
      sendSignal: (_, envelope) => made.sent.push(envelope) > 0,
      onOpen: (_, link) => made.opened.push(link),
      onFail: () => made.failed++,
      onDecline: () => {},
      onFull: () => {},
      onWrongFingerprint: () => {},
    }),
  }
  return made
}
const passportOf = new Map<string, string>()

beforeEach(async () => {
  clock = new VirtualClock()
  network = new MemoryNetwork()
  agrees = false
  const registrar = await Registrar.open()
  ada = await end(registrar, 'AdaOtter12')
  ben = await end(registrar, 'BenHeron34')
})

const nextFrom = async (sender: End, count = 1) => {
  await until(clock, () => sender.sent.length >= count)
  const envelope = sender.sent[count - 1]
  if (!envelope) throw new Error('nothing was sent')
  return envelope
}

describe('dialling', () => {
  it('opens a link on both ends', async () => {
    ada.dialler.dial(ben.person.device)
    ben.dialler.accept(await ben.check(await nextFrom(ada), ada))
    ada.dialler.answered(await ada.check(await nextFrom(ben), ben))
    await until(clock, () => ada.opened.length === 1 && ben.opened.length === 1)
    expect(clock.pending).toBe(0)
  })

  it('takes no answer to an earlier offer', async () => {
    ada.dialler.dial(ben.person.device)
    const first = await ben.check(await nextFrom(ada), ada)
    ada.dialler.dial(ben.person.device)
    await nextFrom(ada, 2)
    ben.dialler.accept(first)
    ada.dialler.answered(await ada.check(await nextFrom(ben), ben))
    await pass(clock, 1_000)
    expect(ada.opened).toEqual([])
  })

  it('gives up after its deadline, or at once when the peer is not there', async () => {
    ada.dialler.dial(ben.person.device)
    await nextFrom(ada)
    clock.advance(DIAL_DEADLINE_MS)
    expect(ada.failed).toBe(1)
    ada.dialler.dial(ben.person.device)
    ada.dialler.absent(ben.person.device)
    expect(ada.failed).toBe(2)
    expect(clock.pending).toBe(0)
  })

  it('begins relayed with whom nothing can be sealed for, whatever both agreed to', async () => {
    agrees = true
    ada.terms.heard(ben.person.device, true, clock.now())
    ada.dialler.dial(ben.person.device)
    const signal = decodeSignal(openSigned(await nextFrom(ada)).bytes)
    expect(signal).toMatchObject({ via: 'rtc', sdp: expect.stringContaining('typ relay') })
    expect(signal).not.toMatchObject({ sdp: expect.stringContaining(HOST_ADDRESS) })
  })

  it('that was abandoned reports nothing', async () => {
    ada.dialler.dial(ben.person.device)
    ada.dialler.abandon(ben.person.device)
    await pass(clock, 2 * DIAL_DEADLINE_MS, 500)
    expect([ada.failed, ada.opened.length, ada.sent.length]).toEqual([0, 0, 0])
  })
})
