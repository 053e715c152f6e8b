import { beforeEach, describe, expect, it } from 'vitest'
import { returningSchema } from '../../../protocol/api'
import { toBase64Url } from '../../../protocol/bytes'
import { type AccountId, accountIdSchema } from '../../../protocol/device'
import { Access } from '../../../services/identity/access'
import { Identity } from '../../../services/identity/identity'
import type { IdentityRecord } from '../../../services/identity/kept-identity'
import { newBrowserSecret, returningTo } from '../../../services/identity/returning'
import type { Verification, WorkerApi } from '../../../services/identity/worker-api'
import { Registrar } from '../world/registrar'
import { VirtualClock } from '../world/virtual-clock'

const DAY = 24 * 3_600_000
const accountId: AccountId = accountIdSchema.parse(toBase64Url(new Uint8Array(16)))

describe('what a browser shows to be known again', () => {
  it('is one value per address, however that is written, and tells neither address nor secret', async () => {
    const secret = newBrowserSecret()
    const shown = await returningTo('Ann@Example.com ', secret)
    expect(await returningTo('ann@example.com', secret)).toBe(shown)
    expect(returningSchema.parse(shown)).toBe(shown)
    expect(shown).not.toBe(secret)
    expect(await returningTo('ben@example.com', secret)).not.toBe(shown)
    expect(await returningTo('ann@example.com', newBrowserSecret())).not.toBe(shown)
  })
})

describe('an identity towards the Worker', () => {
  let clock: VirtualClock
  let record: IdentityRecord
  let registrar: Registrar
  let asked: string[]
  let verified: Verification[]
  let passports: number
  let changes: number

  beforeEach(async () => {
    clock = new VirtualClock()
    record = {}
    registrar = await Registrar.open('first')
    asked = []
    verified = []
    passports = 0
    changes = 0
  })

  /** A browser that was just started on what is kept. */
  async function start(): Promise<Identity> {
    const person = await registrar.person('AmberOtter417')
    const { privateKey } = await crypto.subtle
      .generateKey('Ed25519', false, ['sign', 'verify'])
      .then((made) => ('privateKey' in made ? made : Promise.reject(new Error('no pair'))))
    const worker: Partial<WorkerApi> = {
      origin: 'https://worker.test',
      requestCode: async (_, __, returning) => {
        asked.push(returning)
        return { expiresAt: clock.now() + 600_000 }
      },
      verify: async (verification) => {
        verified.push(verification)
        return { accountId, displayName: 'AmberOtter417' }
      },
      token: async () => ({ accessToken: 't', tokenType: 'DPoP', expiresIn: 900, serverTime: clock.now() }),
      keys: async () => registrar.jwks,
      passport: async () => {
        passports++
        const passport = await registrar.passport({ ...person, accountId }, clock.now())
        return { passport, expiresAt: clock.now() + DAY, twitch: null }
      },
      endDevice: async () => {},
    }
    const identity: Identity = new Identity({
      clock,
      random: () => 0.5,
      worker: worker as WorkerApi,
      access: new Access({
        clock,
        audience: 'https://worker.test',
        bearer: () => identity.bearer(),
        requestToken: () => Promise.reject(new Error('not asked for')),
      }),
      store: {
        load: async () => structuredClone(record),
        save: async (saved) => {
          record = structuredClone(saved)
        },
        keys: async () => ({ device: person.device, signingKey: privateKey, seal: 'S'.repeat(43) }),
        forgetKeys: async () => {},
      },
      onChange: () => changes++,
      platform: async () => ({ browser: 'Firefox', system: 'Linux' }),
    })
    return identity
  }

  async function signIn(email: string): Promise<Identity> {
    await (await start()).requestCode(email)
    const identity = await start()
    await identity.submitCode('123456')
    return identity
  }

  it('is known again by the address after signing out and a restart, and says what it runs on', async () => {
    const identity = await signIn('ann@example.com')
    await identity.signOut()
    await (await start()).requestCode('ann@example.com')
    await (await start()).cancelSignIn()
    await (await start()).requestCode('ben@example.com')
    const [first, again, other] = asked
    expect(again).toBe(first)
    expect(other).not.toBe(first)
    expect(verified[0]).toMatchObject({
      returning: first,
      platform: { browser: 'Firefox', system: 'Linux' },
    })
  })

  it('keeps nothing of the address for that', async () => {
    const identity = await signIn('ann@example.com')
    await identity.signOut()
    expect(JSON.stringify(record)).not.toContain('ann')
    expect(JSON.stringify(record)).not.toContain(asked[0])
  })

  it('gets a new passport when the key of its own was withdrawn, without signing in again', async () => {
    const identity = await signIn('ann@example.com')
    const before = await identity.credentials(false)
    registrar = await Registrar.open('second')
    changes = 0
    await identity.credentials(true)
    // Whoever runs on the old one is told to ask again.
    expect(changes).toBeGreaterThan(0)
    const after = await identity.credentials(false)
    expect(after?.passport).not.toBe(before?.passport)
    expect(after?.jwks).toEqual(registrar.jwks)
    expect(passports).toBe(2)
    await identity.credentials(true)
    await identity.credentials(false)
    expect(passports).toBe(2)
    expect(await identity.view()).toMatchObject({ state: 'signed-in' })
  })

  it('keeps its passport when keys were merely added', async () => {
    const identity = await signIn('ann@example.com')
    const before = await identity.credentials(false)
    const coming = await Registrar.open('second')
    registrar.jwks.keys.push(...coming.jwks.keys)
    await identity.credentials(true)
    expect((await identity.credentials(false))?.passport).toBe(before?.passport)
    expect(passports).toBe(1)
  })
})
