import { beforeEach, describe, expect, it } from 'vitest'
import type { TwitchLink } from '../../../protocol/api'
import { toBase64Url } from '../../../protocol/bytes'
import { ControlError, ICE_RENEW_MS } from '../../../protocol/control'
import { accountIdSchema } from '../../../protocol/device'
import { Access } from '../../../services/identity/access'
import type { DeviceKeys } from '../../../services/identity/device-keys'
import { Identity } from '../../../services/identity/identity'
import type { IdentityRecord } from '../../../services/identity/kept-identity'
import type { WorkerApi } from '../../../services/identity/worker-api'
import { Registrar } from '../world/registrar'
import { VirtualClock } from '../world/virtual-clock'

const HOUR = 3_600_000
const accountId = accountIdSchema.parse(toBase64Url(new Uint8Array(16)))

let clock: VirtualClock
let record: IdentityRecord
let forgotten: number
let changes: number
let calls: string[]
let isDiskFull: boolean
/** Relays are not given before. */
let isAnswering: Promise<void>
let iceHoldsMs: number
let fails: Partial<Record<keyof WorkerApi, ControlError>>
let keys: DeviceKeys
let twitch: TwitchLink | null

beforeEach(async () => {
  clock = new VirtualClock()
  record = {}
  forgotten = 0
  changes = 0
  calls = []
  fails = {}
  twitch = null
  iceHoldsMs = HOUR
  isDiskFull = false
  isAnswering = Promise.resolve()
  const person = await (await Registrar.open()).person('AmberOtter417')
  const { privateKey } = await crypto.subtle
    .generateKey('Ed25519', false, ['sign', 'verify'])
    .then((made) => ('privateKey' in made ? made : Promise.reject(new Error('no pair'))))
  keys = { device: person.device, signingKey: privateKey, seal: 'S'.repeat(43) }
})

/** A browser that was just started on what the store holds. */
function start(): Identity {
  const call = async <T>(name: keyof WorkerApi, answer: T): Promise<T> => {
    calls.push(name)
    const failure = fails[name]
    if (failure) throw failure
    return answer
  }
  const worker: WorkerApi = {
    origin: 'https://worker.test',
    requestCode: () => call('requestCode', { expiresAt: clock.now() + 600_000 }),
    verify: () => call('verify', { accountId, displayName: 'AmberOtter417' }),
    token: () =>
      call('token', { accessToken: 't', tokenType: 'DPoP', expiresIn: 900, serverTime: clock.now() }),
    keys: () => call('keys', { keys: [{ kty: 'OKP' }] }),
    passport: () =>
      call('passport', { passport: `passport-${calls.length}`, expiresAt: clock.now() + 24 * HOUR, twitch }),
    ticket: () => call('ticket', { ticket: 'x' }),
    icePass: async () => {
      await isAnswering
      return call('icePass', {
        iceServers: [{ urls: ['turn:t.test'], username: `ice-${calls.length}` }],
        expiresAt: clock.now() + iceHoldsMs,
      })
    },
    nameAvailability: () => call('nameAvailability', { available: true }),
    suggestNames: () => call('suggestNames', []),
    rename: (name) => call('rename', name),
    endDevice: () => call('endDevice', undefined),
    picture: () => call('picture', null),
    setPicture: () => call('setPicture', null),
    removePicture: () => call('removePicture', null),
    exportAccount: () => call('exportAccount', '{}'),
    deleteAccount: () => call('deleteAccount', undefined),
    devices: () => call('devices', []),
    twitch: () => call('twitch', { available: true, link: null }),
    beginTwitch: () => call('beginTwitch', ''),
    linkTwitch: () => call('linkTwitch', { available: true, link: null }),
    unlinkTwitch: () => call('unlinkTwitch', undefined),
    showTwitch: () => call('showTwitch', { available: true, link: null }),
    role: () => call('role', { role: null, grant: null, askAgainAt: 0 }),
    endDeviceOf: () => call('endDeviceOf', undefined),
  }
  const identity: Identity = new Identity({
    clock,
    random: () => 0.5,
    worker,
    access: new Access({
      clock,
      audience: worker.origin,
      bearer: () => identity.bearer(),
      requestToken: worker.token,
    }),
    store: {
      load: async () => structuredClone(record),
      save: async (saved) => {
        if (isDiskFull) throw new Error('disk full')
        record = structuredClone(saved)
      },
      keys: async () => keys,
      forgetKeys: async () => {
        forgotten++
      },
    },
    onChange: () => changes++,
  })
  return identity
}

async function signedIn(): Promise<Identity> {
  const identity = start()
  await identity.requestCode('ann@example.com')
  await identity.submitCode('123456')
  return identity
}

describe('an identity', () => {
  it('is nobody at first, and a pending sign-in survives a restart until its code expires', async () => {
    expect(await start().view()).toEqual({ state: 'signed-out' })
    expect(await start().credentials(false)).toBeNull()
    await start().requestCode('ann@example.com')
    expect(await start().view()).toMatchObject({ state: 'code-sent', email: 'ann@example.com' })
    clock.advance(600_000)
    expect(await start().view()).toEqual({ state: 'signed-out' })
  })

  it('signs in by code, tells everyone, and keeps neither address nor code', async () => {
    const identity = await signedIn()
    expect(await identity.view()).toEqual({ state: 'signed-in', accountId, displayName: 'AmberOtter417' })
    expect(changes).toBe(2)
    expect(JSON.stringify(record)).not.toMatch(/ann@example|123456/)
    expect(await start().view()).toMatchObject({ state: 'signed-in' })
  })

  it('stays pending when the code is refused', async () => {
    const identity = start()
    await identity.requestCode('ann@example.com')
    fails.verify = new ControlError('code_refused')
    await expect(identity.submitCode('000000')).rejects.toMatchObject({ code: 'code_refused' })
    expect(await identity.view()).toMatchObject({ state: 'code-sent' })
  })

  it('fetches a passport once, renews it at half of its life, and goes on with the old one offline', async () => {
    const identity = await signedIn()
    const first = await identity.credentials(false)
    expect((await start().credentials(false))?.passport).toBe(first?.passport)
    clock.advance(11 * HOUR)
    expect((await identity.credentials(false))?.passport).toBe(first?.passport)
    clock.advance(2 * HOUR)
    fails.passport = new ControlError('worker_unreachable')
    expect((await identity.credentials(false))?.passport).toBe(first?.passport)
    delete fails.passport
    expect((await identity.credentials(false))?.passport).not.toBe(first?.passport)
    // Fresh keys come with each passport, and when asked for.
    expect(calls.filter((name) => name === 'keys')).toHaveLength(2)
    await identity.credentials(true)
    expect(calls.filter((name) => name === 'keys')).toHaveLength(3)
  })

  it('asks for relays once, however often host and background are born again, until they hold for ten minutes', async () => {
    const first = await (await signedIn()).icePass()
    for (let birth = 0; birth < 30; birth++) expect(await start().icePass()).toEqual(first)
    clock.advance(HOUR - ICE_RENEW_MS - 1)
    expect(await start().icePass()).toEqual(first)
    clock.advance(1)
    expect(await start().icePass()).not.toEqual(first)
    expect(calls.filter((name) => name === 'icePass')).toHaveLength(2)
  })

  it('goes on with the relays of before while the Worker refuses more, as long as they hold', async () => {
    const identity = await signedIn()
    const first = await identity.icePass()
    clock.advance(HOUR - 1)
    fails.icePass = new ControlError('rate_limited', 120)
    expect(await start().icePass()).toEqual(first)
    clock.advance(1)
    await expect(start().icePass()).rejects.toMatchObject({ code: 'rate_limited' })
  })

  it('asks again for relays that hold for a short time only, and has those that could not be stored', async () => {
    iceHoldsMs = ICE_RENEW_MS
    const identity = await signedIn()
    const [first, second] = [await identity.icePass(), await identity.icePass()]
    expect(first).not.toEqual(second)
    isDiskFull = true
    const third = await identity.icePass()
    expect([first, second]).not.toContainEqual(third)
  })

  it('keeps no relays of somebody who has signed out', async () => {
    const identity = await signedIn()
    await identity.icePass()
    await identity.signOut()
    expect(Object.keys(record)).toEqual(['browser'])
    fails.icePass = new ControlError('signed_out')
    await expect(identity.icePass()).rejects.toMatchObject({ code: 'signed_out' })
    delete fails.icePass
    const again = await signedIn()
    const answered = Promise.withResolvers<void>()
    isAnswering = answered.promise
    const late = again.icePass()
    await again.signOut()
    answered.resolve()
    await expect(late).rejects.toMatchObject({ code: 'signed_out' })
    expect(Object.keys(record)).toEqual(['browser'])
  })

  it('forgets its keys when it signs out, even without the Worker', async () => {
    const identity = await signedIn()
    fails.endDevice = new ControlError('worker_unreachable')
    expect(await identity.signOut()).toEqual({ state: 'signed-out' })
    expect(forgotten).toBe(1)
    expect(record).toEqual({ browser: expect.any(String) })
  })

  it('forgets its keys when the account has ended this device', async () => {
    const identity = await signedIn()
    fails.passport = new ControlError('device_refused')
    await expect(identity.credentials(false)).rejects.toMatchObject({ code: 'signed_out' })
    expect(await identity.view()).toEqual({ state: 'signed-out' })
    expect(forgotten).toBe(1)
  })

  it('forgets its keys also when a ticket is refused for good', async () => {
    const identity = await signedIn()
    await expect(
      identity.asMember(() => Promise.reject(new ControlError('worker_unreachable'))),
    ).rejects.toThrow()
    expect(forgotten).toBe(0)
    const refused = identity.asMember(() => Promise.reject(new ControlError('device_refused')))
    await expect(refused).rejects.toMatchObject({ code: 'signed_out' })
    expect(forgotten).toBe(1)
  })

  it('is not forgotten for a refusal that was meant for somebody before', async () => {
    const identity = await signedIn()
    const refusal = Promise.withResolvers<never>()
    const late = identity.asMember(() => refusal.promise)
    await identity.signOut()
    await identity.requestCode('ben@example.com')
    refusal.reject(new ControlError('device_refused'))
    await expect(late).rejects.toMatchObject({ code: 'signed_out' })
    expect(await identity.view()).toMatchObject({ state: 'code-sent' })
    expect(forgotten).toBe(1)
  })

  it('does not keep a passport that comes for somebody who has signed out meanwhile', async () => {
    const identity = await signedIn()
    const late = identity.credentials(false)
    await identity.signOut()
    await expect(late).rejects.toMatchObject({ code: 'signed_out' })
    expect(record).toEqual({ browser: expect.any(String) })
  })

  it('can sign in with a clock that is far ahead', async () => {
    clock.advance(3 * HOUR)
    const identity = start()
    expect(await identity.requestCode('ann@example.com')).toMatchObject({ state: 'code-sent' })
  })

  it('cancels a pending sign-in', async () => {
    const identity = start()
    await identity.requestCode('ann@example.com')
    expect(await identity.cancelSignIn()).toEqual({ state: 'signed-out' })
    await expect(identity.submitCode('123456')).rejects.toMatchObject({ code: 'code_refused' })
  })
})

describe('a linked Twitch account', () => {
  const LINK: TwitchLink = { login: 'lumenfox', shown: false, state: 'linked', broadcaster: false }

  it('is known with the passport, survives a restart, and goes with the account', async () => {
    twitch = LINK
    const identity = await signedIn()
    expect(await identity.twitch()).toBeNull()
    await identity.credentials(false)
    expect(await identity.twitch()).toEqual(LINK)
    expect(await start().twitch()).toEqual(LINK)
    await identity.signOut()
    expect(await start().twitch()).toBeNull()
  })

  it('is named to the room host only where the viewer shows it', async () => {
    twitch = LINK
    const identity = await signedIn()
    expect(await identity.credentials(false)).not.toHaveProperty('twitch')
    twitch = { ...LINK, shown: true }
    await identity.renewPassport()
    expect(await identity.credentials(false)).toMatchObject({ twitch: 'lumenfox' })
    twitch = { ...LINK, shown: true, state: 'gone' }
    await identity.renewPassport()
    expect(await identity.credentials(false)).not.toHaveProperty('twitch')
  })

  it('of somebody who streams is known as such, once and for all, whatever a later passport brings', async () => {
    twitch = LINK
    const identity = await signedIn()
    await identity.credentials(false)
    const before = changes
    await identity.noteBroadcaster()
    await identity.noteBroadcaster()
    expect(changes).toBe(before + 1)
    await identity.renewPassport()
    expect(await start().twitch()).toMatchObject({ broadcaster: true })
    // Another Twitch account is another matter.
    twitch = { ...LINK, login: 'another' }
    await identity.renewPassport()
    expect(await identity.twitch()).toMatchObject({ broadcaster: false })
    twitch = null
    await identity.renewPassport()
    await identity.noteBroadcaster()
    expect(await identity.twitch()).toBeNull()
  })
})
