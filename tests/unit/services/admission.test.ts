import { beforeEach, describe, expect, it } from 'vitest'
import { encodeMessage } from '../../../protocol/message'
import { signAs } from '../../../protocol/signed'
import { Vouchers } from '../../../services/log/vouchers'
import { Passports } from '../../../services/passports'
import { Admission } from '../../../services/room/admission'
import { Author } from '../../../services/room/author'
import { RevokedError, UnlinkedError } from '../../../services/room/passport-fault'
import { checkPast, checkProof, type PastFacts } from '../../../services/room/past-check'
import { MemoryArchive } from '../world/memory-archive'
import { type Person, Registrar } from '../world/registrar'
import { ROOM } from '../world/room-world'
import { VirtualClock } from '../world/virtual-clock'

let clock: VirtualClock
let registrar: Registrar
let bea: Person
let una: Person
let admission: Admission
let out: string[][]
/** Una's passports: of before and after she linked her account. */
let old: string
let linked: string

beforeEach(async () => {
  clock = new VirtualClock()
  registrar = await Registrar.open()
  bea = { ...(await registrar.person('BeaBadger11')), linked: true }
  una = await registrar.person('UnaUrchin33')
  old = await registrar.passport(una, clock.now())
  linked = await registrar.passport({ ...una, linked: true }, clock.now(), 24, 2)
  out = []
  const passport = await registrar.passport(bea, clock.now())
  const passports = new Passports(clock, registrar.jwks, async () => registrar.jwks)
  admission = new Admission({
    clock,
    random: () => 0,
    room: ROOM,
    passports,
    author: new Author({
      room: ROOM,
      clock,
      signer: bea.signer,
      direct: () => false,
      credentials: () => ({
        device: bea.device,
        accountId: bea.accountId,
        displayName: bea.name,
        passport,
        renewAt: Number.POSITIVE_INFINITY,
        jwks: registrar.jwks,
        serverTime: clock.now(),
      }),
    }),
    archive: new MemoryArchive(),
    broadcast: () => {},
    tellRoom: () => false,
    onRevoked: () => {},
    onRuled: (devices) => out.push([...devices]),
  })
})

async function rule(on: boolean): Promise<void> {
  const grant = await registrar.roleGrant(bea, ROOM, 'broadcaster', clock.now())
  expect(await admission.rule({ act: 'linked-only', on }, grant)).toBe(true)
}

/** Una says something now. */
async function said(body = 'hello') {
  const time = { ms: clock.now(), count: 0 }
  const bytes = encodeMessage({
    v: 1,
    room: ROOM,
    device: una.device,
    seq: 0,
    time,
    kind: 'say',
    body,
  })
  return { bytes, sig: await signAs(una.signer, 'message', bytes) }
}

describe('who is let in', () => {
  it('are linked accounts alone while that is so, and oneself', async () => {
    await admission.verifyPassport(old)
    expect(admission.has(una.device)).toBe(true)
    await rule(true)
    expect(out).toEqual([[una.device]])
    expect(admission.has(una.device)).toBe(false)
    await expect(admission.verifyPassport(old)).rejects.toThrow(UnlinkedError)
    expect((await admission.verifyOwnPassport(old)).device).toBe(una.device)
    expect((await admission.verifyPassport(linked)).linked).toBe(true)
    clock.advance(1_000)
    await rule(false)
    expect(out.at(-1)).toEqual([])
    expect((await admission.verifyPassport(old)).device).toBe(una.device)
  })

  it('goes by when something was stamped', async () => {
    const before = clock.now() - 1
    await rule(true)
    const during = clock.now() + 500
    clock.advance(1_000)
    await rule(false)
    const after = clock.now()
    await expect(admission.verifyPassportAt(old, during)).rejects.toThrow(UnlinkedError)
    for (const ms of [before, after]) await admission.verifyPassportAt(old, ms)
    for (const ms of [before, during, after]) await admission.verifyPassportAt(linked, ms)
  })

  it('are none whose passport was revoked, linked or not', async () => {
    await admission.verifyPassport(linked)
    const revocation = await registrar.revocation(una, clock.now(), 2)
    expect(await admission.takeRevocations([revocation])).toBeUndefined()
    await rule(true)
    await expect(admission.verifyPassport(linked)).rejects.toThrow(RevokedError)
    await expect(admission.verifyPassportAt(linked, clock.now())).rejects.toThrow(RevokedError)
  })
})

describe('what was said while only linked accounts took part', () => {
  let facts: PastFacts
  const vouchers = (...jwts: string[]) => {
    const all = new Vouchers()
    for (const jwt of jwts) all.add(jwt)
    return all
  }

  beforeEach(() => {
    facts = {
      room: ROOM,
      now: () => clock.now(),
      clearedUntil: () => 0,
      isVoid: () => false,
      verifyPassportAt: (jwt, ms) => admission.verifyPassportAt(jwt, ms),
    }
  })

  it.each([
    ['before', () => vouchers(old, linked)],
    ['after', () => vouchers(linked, old)],
  ])('counts by a passport that says so, whether one that does not comes %s', async (_, all) => {
    await rule(true)
    expect(await checkPast(await said(), all(), facts)).toMatchObject({ passport: linked, body: 'hello' })
  })

  it('counts for nothing without, through no fault of whoever brings it', async () => {
    await rule(true)
    expect(await checkPast(await said(), vouchers(old), facts)).toEqual({ fault: 'unlinked' })
    expect(await checkPast(await said(), vouchers(), facts)).toEqual({ fault: 'unknown-author' })
  })
})

describe('whoever contradicts themselves meanwhile', () => {
  it('is void, linked or not: the passport says whose the device is', async () => {
    await rule(true)
    const [first, second] = [await said('one'), await said('another')]
    const verifyPassportAt = (jwt: string, ms: number) => admission.verifyPassportAt(jwt, ms)
    expect(await checkProof({ first, second, passport: old }, { room: ROOM, verifyPassportAt })).toEqual({
      device: una.device,
    })
  })
})

describe('whoever decides', () => {
  it('cannot by a grant that does not hold, or of somebody else', async () => {
    const past = await registrar.roleGrant(bea, ROOM, 'broadcaster', clock.now() - 25 * 3_600_000)
    const others = await registrar.roleGrant(una, ROOM, 'broadcaster', clock.now())
    for (const grant of [past, others, 'no grant'])
      expect(await admission.rule({ act: 'linked-only', on: true }, grant)).toBe(false)
    expect(admission.rulings.isLinkedOnly).toBe(false)
  })

  it('lets no passport in of an account that is banned, with whichever device, and knows our own all the same', async () => {
    const other = await registrar.deviceOf(una)
    const theirs = await registrar.passport(other, clock.now())
    await admission.verifyPassport(theirs)
    const grant = await registrar.roleGrant(bea, ROOM, 'broadcaster', clock.now())
    const about = { account: una.accountId, name: una.name, heard: [] }
    expect(await admission.rule({ act: 'ban', ...about }, grant)).toBe(true)
    expect(out.at(-1)).toEqual([other.device])
    for (const passport of [old, linked, theirs])
      await expect(admission.verifyPassport(passport)).rejects.toMatchObject({ name: 'BannedError' })
    expect((await admission.verifyOwnPassport(old)).sub).toBe(una.accountId)
    expect(await admission.rule({ act: 'unban', ...about }, grant)).toBe(true)
    expect((await admission.verifyPassport(theirs)).sub).toBe(una.accountId)
  })
})
