import { beforeEach, describe, expect, it } from 'vitest'
import type { DeviceId } from '../../../protocol/device'
import { decodeFrame } from '../../../protocol/frames'
import {
  MAX_REVOCATIONS,
  MAX_REVOCATIONS_PER_FRAME,
  PASSPORT_LIFETIME_MS,
  REVOCATION_LIFETIME_MS,
} from '../../../protocol/limits'
import type { Passport } from '../../../protocol/passport'
import type { Revocation } from '../../../protocol/revocation'
import { Passports } from '../../../services/passports'
import { Bearers } from '../../../services/room/bearers'
import { RevokedError } from '../../../services/room/passport-fault'
import { Revocations } from '../../../services/room/revocations'
import { type Person, Registrar } from '../world/registrar'
import { VirtualClock } from '../world/virtual-clock'

let clock: VirtualClock
let registrar: Registrar
let ada: Person
let passports: Passports
let checked: number
let revoked: { revocation: Revocation; devices: readonly DeviceId[] }[]
let sent: { jwts: string[]; except: DeviceId[] }[]
let revocations: Revocations

beforeEach(async () => {
  clock = new VirtualClock()
  registrar = await Registrar.open()
  ada = await registrar.person('AdaOtter12')
  passports = new Passports(clock, registrar.jwks, async () => registrar.jwks)
  checked = 0
  revoked = []
  sent = []
  revocations = new Revocations({
    clock,
    bearers: new Bearers(),
    verify: (jwt) => {
      checked++
      return passports.verifyRevocation(jwt)
    },
    broadcast: (frame, except) => {
      const decoded = decodeFrame(frame)
      if ('frame' in decoded && decoded.frame.t === 'revoked')
        sent.push({ jwts: decoded.frame.revocations, except })
    },
    onRevoked: (revocation, devices) => revoked.push({ revocation, devices }),
  })
})

const passportOf = async (person: Person, ver = 1): Promise<Passport> =>
  passports.verify(await registrar.passport(person, clock.now(), 24, ver))
const all = () => revocations.batches.flat()

describe('a revocation', () => {
  it('ends the passports up to its version, and those of a newer one never', async () => {
    const [old, newer] = [await passportOf(ada, 4), await passportOf(ada, 5)]
    revocations.admit(old)
    const jwt = await registrar.revocation(ada, clock.now(), 4)
    expect(await revocations.take([jwt])).toBeUndefined()
    expect(() => revocations.admit(old)).toThrow(RevokedError)
    expect([old, newer].map((passport) => revocations.isVoid(passport))).toEqual([true, false])
    expect(revocations.admit(newer)).toBe(newer)
    expect(revoked).toMatchObject([{ devices: [ada.device], revocation: { ver: 4 } }])
  })

  it('that comes late finds nobody who has been let in again', async () => {
    revocations.admit(await passportOf(ada, 5))
    await revocations.take([await registrar.revocation(ada, clock.now(), 4)])
    expect(revoked).toMatchObject([{ devices: [] }])
    // Nor does an older passport that is shown again hide the newer one.
    const again = await registrar.deviceOf(ada)
    revocations.admit(await passportOf(again, 9))
    revocations.admit(await passportOf(again, 8))
    await revocations.take([await registrar.revocation(again, clock.now(), 8)])
    expect(revoked[1]?.devices).toEqual([])
  })

  it('of one device leaves the account’s others alone, one of the account none', async () => {
    const other = await registrar.deviceOf(ada)
    const stranger = await registrar.person('BenHeron34')
    for (const person of [ada, other, stranger]) revocations.admit(await passportOf(person))
    await revocations.take([await registrar.revocation(ada, clock.now())])
    expect(revocations.admit(await passportOf(other)).device).toBe(other.device)
    await revocations.take([await registrar.revocation({ accountId: ada.accountId }, clock.now())])
    expect(revoked.map(({ devices }) => devices)).toEqual([[ada.device], [other.device]])
    expect(revocations.admit(await passportOf(stranger)).device).toBe(stranger.device)
  })

  it('speaks of what was stamped from then on, not of what was said before', async () => {
    const passport = await passportOf(ada)
    const jwt = await registrar.passport(ada, clock.now())
    const at = clock.now()
    clock.advance(10_000)
    await revocations.take([await registrar.revocation(ada, clock.now())])
    expect(revocations.admitAt(passport, at + 9_999)).toBe(passport)
    expect(() => revocations.admitAt(passport, at + 10_000)).toThrow(RevokedError)
    const said = (ms: number) =>
      revocations.covers({
        account: ada.accountId,
        device: ada.device,
        ms,
        passport: jwt,
      })
    expect([said(at), said(at + 10_000)]).toEqual([false, true])
  })

  it('is passed on once, to everybody but who brought it, and checked once', async () => {
    const [one, two] = [
      await registrar.revocation(ada, clock.now()),
      await registrar.revocation(await registrar.person('BenHeron34'), clock.now()),
    ]
    await revocations.take([one], ada.device)
    await revocations.take([one, two])
    await revocations.take([two, one], ada.device)
    expect(sent).toEqual([
      { jwts: [one], except: [ada.device] },
      { jwts: [two], except: [] },
    ])
    expect(checked).toBe(2)
  })

  it('that is contained in another is no news', async () => {
    const whole = await registrar.revocation({ accountId: ada.accountId }, clock.now(), 7)
    await revocations.take([whole])
    for (const inner of [
      await registrar.revocation(ada, clock.now(), 7),
      await registrar.revocation({ accountId: ada.accountId }, clock.now(), 6),
    ])
      expect(await revocations.take([inner])).toBeUndefined()
    expect(sent).toHaveLength(1)
    expect(all()).toEqual([whole])
  })

  it('is kept until a day after the last passport it ends, and not given away shortly before', async () => {
    const jwt = await registrar.revocation(ada, clock.now())
    await revocations.take([jwt])
    clock.advance(PASSPORT_LIFETIME_MS)
    expect(all()).toEqual([jwt])
    clock.advance(REVOCATION_LIFETIME_MS - PASSPORT_LIFETIME_MS - 60_000)
    expect(all()).toEqual([])
    clock.advance(120_000)
    expect(await revocations.take([jwt])).toBe('stale')
  })
})

describe('what is no revocation', () => {
  const refused = async (jwt: string) => {
    const fault = await revocations.take([jwt])
    expect(revoked).toEqual([])
    expect(sent).toEqual([])
    return fault
  }

  it('changes nothing: forged, of another Worker, of another type, changed, nonsense', async () => {
    const real = await registrar.revocation(ada, clock.now())
    const [head, body, mac] = real.split('.')
    const other = await Registrar.open()
    expect(await refused(await other.revocation(ada, clock.now()))).toBe('bad-revocation')
    const foreign = await Registrar.open('another-key')
    expect(await refused(await foreign.revocation(ada, clock.now()))).toBe('unknown-key')
    expect(await refused(await registrar.passport(ada, clock.now()))).toBe('bad-revocation')
    const wider = Buffer.from(JSON.stringify({ ...JSON.parse(atob(body ?? '')), ver: 99 })).toString(
      'base64url',
    )
    expect(await refused(`${head}.${wider}.${mac}`)).toBe('bad-revocation')
    for (const nonsense of ['', 'x', 'a.b.c', '..']) expect(await refused(nonsense)).toBe('bad-revocation')
  })

  it('ends the looking through of what came with it', async () => {
    const real = await registrar.revocation(ada, clock.now())
    expect(await revocations.take(['a.b.c', real])).toBe('bad-revocation')
    expect(all()).toEqual([])
    expect(await revocations.take([real, 'a.b.c'])).toBe('bad-revocation')
    expect(sent).toEqual([{ jwts: [real], except: [] }])
  })

  it('costs no signature’s check once it has expired', async () => {
    const jwt = await registrar.revocation(ada, clock.now())
    clock.advance(REVOCATION_LIFETIME_MS + 60_000)
    expect(await refused(jwt)).toBe('stale')
    expect(checked).toBe(0)
  })
})

describe('memory', () => {
  it('is bounded: one account cannot push out the others', async () => {
    const ben = await registrar.revocation(await registrar.person('BenHeron34'), clock.now())
    await revocations.take([ben])
    clock.advance(1_000)
    for (let ended = 0; ended < 25; ended++)
      await revocations.take([await registrar.revocation(await registrar.deviceOf(ada), clock.now(), ended)])
    expect(all()).toHaveLength(21)
    expect(all()).toContain(ben)
  })

  it('takes what it would not keep for known, at no signature’s check, however often and however spelled', async () => {
    const jwts: string[] = []
    for (let ended = 0; ended < 60; ended++) {
      jwts.push(await registrar.revocation(await registrar.deviceOf(ada), clock.now(), ended))
      clock.advance(1_000)
    }
    // Newest first, so that none of the other 40 is ever worth keeping.
    for (const jwt of jwts.toReversed()) expect(await revocations.take([jwt])).toBeUndefined()
    expect([checked, revoked.length, sent.length]).toEqual([20, 20, 20])
    const spelled = (jwt: string) => jwt.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))
    for (let round = 0; round < 5; round++) {
      await revocations.take(jwts, ada.device)
      await revocations.take(jwts.map(spelled), ada.device)
    }
    expect([checked, revoked.length, sent.length]).toEqual([20, 20, 20])
    expect(all()).toEqual(expect.arrayContaining(jwts.slice(40)))
  })

  it('tells of none that was pushed out, or contained in another, while its signature was checked', async () => {
    const whole = await registrar.revocation({ accountId: ada.accountId }, clock.now(), 7)
    const inner = await registrar.revocation(ada, clock.now(), 7)
    await Promise.all([revocations.take([whole]), revocations.take([whole]), revocations.take([inner])])
    expect([revoked.length, sent.length]).toEqual([1, 1])
  })

  it('keeps the newest, and says them in frames that are not too large', async () => {
    for (let ended = 0; ended < MAX_REVOCATIONS + 5; ended++) {
      clock.advance(1_000)
      await revocations.take([
        await registrar.revocation(await registrar.person(`Person${ended}`), clock.now()),
      ])
    }
    expect(all()).toHaveLength(MAX_REVOCATIONS)
    for (const batch of revocations.batches)
      expect(batch.length).toBeLessThanOrEqual(MAX_REVOCATIONS_PER_FRAME)
    // One that would be forgotten at once is not passed on without end.
    const before = sent.length
    const old = await registrar.revocation(ada, clock.now() - 3_600_000)
    expect(await revocations.take([old])).toBeUndefined()
    expect(sent).toHaveLength(before)
  })
})
