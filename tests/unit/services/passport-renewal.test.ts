import { beforeEach, describe, expect, it } from 'vitest'
import { ControlError } from '../../../protocol/control'
import { PASSPORT_LIFETIME_MS } from '../../../protocol/limits'
import { Access } from '../../../services/identity/access'
import { Identity } from '../../../services/identity/identity'
import type { IdentityRecord } from '../../../services/identity/kept-identity'
import { PassportRenewal } from '../../../services/identity/passport-renewal'
import type { WorkerApi } from '../../../services/identity/worker-api'
import { type Person, Registrar } from '../world/registrar'
import { VirtualClock } from '../world/virtual-clock'

const HOUR = 3_600_000
const MINUTE = 60_000

let clock: VirtualClock
let chance: number
beforeEach(() => {
  clock = new VirtualClock()
  chance = 0.5
})

describe('when a fresher passport is asked for', () => {
  let asked: number[]
  let renewal: PassportRenewal
  beforeEach(() => {
    asked = []
    renewal = new PassportRenewal({
      clock,
      random: () => chance,
      ask: () => {
        asked.push(clock.now())
      },
    })
  })

  it('is when it is due, with a look now and then until it is', () => {
    const dueAt = clock.now() + 10 * MINUTE
    renewal.follow(dueAt)
    clock.advance(10 * MINUTE - 1)
    expect(asked).toEqual([])
    clock.advance(1)
    expect(asked).toEqual([dueAt])
    renewal.follow(clock.now() + 11 * HOUR)
    clock.advance(45 * MINUTE)
    expect(asked).toHaveLength(2)
  })

  it('is ever more seldom while the Worker cannot be asked, and never given up', () => {
    const pauses: number[] = []
    for (let tries = 0; tries < 12; tries++) {
      const from = clock.now()
      renewal.follow(from - 1)
      while (asked.length === tries) clock.advance(1_000)
      pauses.push(clock.now() - from)
    }
    expect(pauses[0]).toBeLessThanOrEqual(15_000)
    for (const [index, pause] of pauses.entries())
      expect(pause).toBeGreaterThanOrEqual(pauses[index - 1] ?? 0)
    expect(pauses.at(-1)).toBeLessThanOrEqual(10 * MINUTE)
    expect(pauses.at(-1)).toBeGreaterThanOrEqual(5 * MINUTE)
    // Once there is one, the next failure is the first again.
    renewal.follow(clock.now() + HOUR)
    renewal.follow(clock.now())
    const before = asked.length
    clock.advance(15_000)
    expect(asked).toHaveLength(before + 1)
  })

  it('is not at once for everybody whom the Worker left at once', () => {
    const when = [0, 0.3, 0.9].map((at) => {
      chance = at
      const from = clock.now()
      const before = asked.length
      renewal.follow(from - 1)
      while (asked.length === before) clock.advance(100)
      renewal.follow(clock.now() + HOUR)
      return clock.now() - from
    })
    expect(new Set(when).size).toBe(3)
  })

  it('is never, once there is nothing to look after', () => {
    renewal.follow(clock.now() + MINUTE)
    renewal.stop()
    clock.advance(24 * HOUR)
    expect(asked).toEqual([])
    expect(clock.pending).toBe(0)
  })
})

describe('an identity', () => {
  let registrar: Registrar
  let person: Person
  let record: IdentityRecord
  let changes: number
  let ver: number
  let name: string
  let failure: ControlError | null
  let given: number
  let delayed: Promise<void>
  let identity: Identity

  beforeEach(async () => {
    registrar = await Registrar.open()
    person = await registrar.person('AmberOtter417')
    changes = ver = given = 0
    name = person.name
    failure = null
    delayed = Promise.resolve()
    record = { account: { accountId: person.accountId, displayName: person.name } }
    identity = start()
  })

  /** A browser that was just started on what the store holds. */
  function start(): Identity {
    const worker = {
      origin: 'https://worker.test',
      keys: async () => registrar.jwks,
      passport: async () => {
        if (failure) throw failure
        given++
        const called = name
        await delayed
        const passport = await registrar.passport({ ...person, name: called }, clock.now(), 24, ++ver)
        return { passport, expiresAt: clock.now() + PASSPORT_LIFETIME_MS, twitch: null }
      },
    } as Partial<WorkerApi> as WorkerApi
    const started: Identity = new Identity({
      clock,
      random: () => chance,
      worker,
      access: new Access({
        clock,
        audience: worker.origin,
        bearer: () => started.bearer(),
        requestToken: () => Promise.reject(new Error('not asked for')),
      }),
      store: {
        load: async () => structuredClone(record),
        save: async (saved) => {
          record = structuredClone(saved)
        },
        keys: async () => ({ device: person.device, signingKey: {} as CryptoKey, seal: 'S'.repeat(43) }),
        forgetKeys: async () => {},
      },
      onChange: () => changes++,
    })
    return started
  }

  it('renews its passport long before it ends, not at the same time as everybody', async () => {
    const due: number[] = []
    for (const at of [0, 0.5, 0.999]) {
      chance = at
      delete record.passport
      const credentials = await start().credentials(false)
      due.push(((credentials?.renewAt ?? 0) - clock.now()) / HOUR)
    }
    expect(due[0]).toBeCloseTo(9.6, 1)
    expect(due[1]).toBeCloseTo(12, 1)
    expect(due[2]).toBeCloseTo(14.4, 1)
  })

  it('gets a new one when told that it is outdated, and says so to everybody', async () => {
    const first = await identity.credentials(false)
    name = 'AmberLynx99'
    await identity.renewPassport()
    expect(changes).toBeGreaterThan(0)
    const second = await identity.credentials(false)
    expect(second?.passport).not.toBe(first?.passport)
    expect(second?.displayName).toBe('AmberLynx99')
    expect(await identity.view()).toMatchObject({ displayName: 'AmberLynx99' })
    expect(given).toBe(2)
  })

  it('remembers that it is outdated while the Worker is away, also through a restart', async () => {
    const first = await identity.credentials(false)
    failure = new ControlError('worker_unreachable')
    await identity.renewPassport()
    const meanwhile = await identity.credentials(false)
    expect(meanwhile?.passport).toBe(first?.passport)
    expect(meanwhile?.renewAt).toBeLessThan(clock.now())
    failure = null
    expect((await start().credentials(false))?.passport).not.toBe(first?.passport)
  })

  it('does not take one for the new one that was asked for before the change', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    delayed = promise
    const early = identity.credentials(false)
    while (given === 0) await Promise.resolve()
    name = 'AmberLynx99'
    const renewed = identity.renewPassport()
    resolve()
    await Promise.all([early, renewed])
    expect(given).toBe(2)
    expect((await identity.credentials(false))?.displayName).toBe('AmberLynx99')
  })

  it('asks once for many who want it at once', async () => {
    await Promise.all([1, 2, 3].map(() => identity.credentials(false)))
    expect(given).toBe(1)
  })

  it('that is suspended says so, speaks no more, and comes back when that ends', async () => {
    await identity.credentials(false)
    failure = new ControlError('account_suspended')
    await identity.renewPassport()
    await expect(identity.credentials(false)).rejects.toMatchObject({ code: 'account_suspended' })
    expect(await identity.view()).toMatchObject({ state: 'signed-in', suspended: true })
    const told = changes
    await expect(start().credentials(false)).rejects.toMatchObject({ code: 'account_suspended' })
    // It is told once, or whoever is told would ask without end.
    expect(changes).toBe(told)
    failure = null
    expect(await identity.credentials(false)).not.toBeNull()
    expect(await identity.view()).not.toHaveProperty('suspended')
  })

  it('has the suspension told also when it is a ticket that is refused', async () => {
    await identity.credentials(false)
    const refused = identity.asMember(() => Promise.reject(new ControlError('account_suspended')))
    await expect(refused).rejects.toMatchObject({ code: 'account_suspended' })
    expect(await identity.view()).toMatchObject({ suspended: true })
  })
})
