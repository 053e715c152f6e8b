import { runDurableObjectAlarm } from 'cloudflare:test'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { accountSchema } from '../../protocol/api'
import { CODE_ATTEMPTS, CODE_LIFETIME_MS } from '../../protocol/limits'
import type { Env } from '../../worker/env'
import { atTime } from './support/clock'
import { assertion, newDevice } from './support/device'
import { mailboxOf, rowsIn } from './support/mailbox'
import { askCode, askToken, authed, signIn, tryCode } from './support/viewer'
import { call, codeOf, mailedCode, newAddress } from './support/worker'

afterEach(() => vi.useRealTimers())

const wrong = (code: string, by: number) => String((Number(code) + by) % 1_000_000).padStart(6, '0')

describe('a code that was traded in', () => {
  it('is worth one account to one device, however often it is shown', async () => {
    const email = newAddress()
    const device = await newDevice()
    await askCode(email, device)
    const code = mailedCode(email)
    const responses = await Promise.all([1, 2, 3].map(() => tryCode(email, code, device)))
    responses.push(await tryCode(email, code, device))
    const accounts = await Promise.all(responses.map(async (each) => accountSchema.parse(await each.json())))
    expect(new Set(accounts.map(({ accountId }) => accountId)).size).toBe(1)
    expect(await codeOf(await tryCode(email, code, await newDevice()))).toBe('code_refused')
    const other = await newDevice()
    await askCode(email, other)
    expect(await codeOf(await tryCode(email, code, other))).toBe('code_refused')
  })

  it.each(['live', 'ended'] as const)('is answered again if what follows failed: %s', async (standing) => {
    const email = newAddress()
    const before = await signIn(email)
    const device = await newDevice()
    await askCode(email, device)
    const code = mailedCode(email)
    const broken = {
      getByName: () => ({
        standing: async () => standing,
        register: () => Promise.reject(new Error('overloaded')),
      }),
    }
    const body = async () => ({
      email,
      code,
      device: device.id,
      seal: device.seal,
      assertion: await assertion(device, device.id),
    })
    const failed = await call('POST', '/auth/verify', {
      body: await body(),
      // Only what the route asks of it.
      env: { ACCOUNTS: broken as unknown as Env['ACCOUNTS'] },
    })
    expect(await codeOf(failed)).toBe('internal')
    const { accountId } = accountSchema.parse(await (await tryCode(email, code, device)).json())
    expect((await rowsIn(email)).owner).toMatchObject([{ account: accountId }])
    expect(accountId === before.account).toBe(standing === 'live')
  })

  it('is worth nothing with a key to which nothing can be sealed', async () => {
    const email = newAddress()
    const device = await newDevice()
    await askCode(email, device)
    const code = mailedCode(email)
    const refused = await tryCode(email, code, device, {}, { seal: 'A'.repeat(43) })
    expect(await codeOf(refused)).toBe('invalid_request')
    expect((await tryCode(email, code, device)).status).toBe(200)
  })

  it('is tried five times at most after it was spent, too', async () => {
    const email = newAddress()
    const { device } = await signIn(email)
    const code = mailedCode(email)
    for (let by = 1; by <= CODE_ATTEMPTS; by++)
      expect(await codeOf(await tryCode(email, wrong(code, by), device))).toBe('code_refused')
    expect(await codeOf(await tryCode(email, code, device))).toBe('code_attempts_exhausted')
  })

  it('lets a device in no more that was ended', async () => {
    const email = newAddress()
    const owner = await signIn(email)
    const thief = await newDevice()
    await askCode(email, thief)
    const code = mailedCode(email)
    expect((await tryCode(email, code, thief)).status).toBe(200)
    expect((await tryCode(email, code, thief)).status).toBe(200)
    expect((await authed(owner, 'DELETE', `/devices/${thief.id}`)).ok).toBe(true)
    expect(await codeOf(await tryCode(email, code, thief))).toBe('code_refused')
    expect(await codeOf(await askToken(thief, owner.account))).toBe('device_refused')
    // A fresh one does.
    await askCode(email, thief)
    expect((await tryCode(email, mailedCode(email), thief)).status).toBe(200)
  })

  it('starts no new account once its own is deleted', async () => {
    const email = newAddress()
    const viewer = await signIn(email)
    const code = mailedCode(email)
    expect((await authed(viewer, 'DELETE', '/account')).ok).toBe(true)
    expect(await codeOf(await tryCode(email, code, viewer.device))).toBe('code_refused')
    const rows = await rowsIn(email)
    expect(rows).not.toHaveProperty('owner')
    expect(rows.answers).toEqual([])
  })

  it.each(['ending', 'ended'] as const)('starts none either while that is %s', async (standing) => {
    const email = newAddress()
    const { device, account } = await signIn(email)
    const ACCOUNTS = { getByName: () => ({ standing: async () => standing }) }
    const body = {
      email,
      code: mailedCode(email),
      device: device.id,
      seal: device.seal,
      assertion: await assertion(device, device.id),
    }
    const again = await call('POST', '/auth/verify', {
      body,
      env: { ACCOUNTS: ACCOUNTS as unknown as Env['ACCOUNTS'] },
    })
    expect(await codeOf(again)).toBe('code_refused')
    expect((await rowsIn(email)).owner).toMatchObject([{ account }])
  })

  it('is forgotten with its answer when its time is over', async () => {
    const email = newAddress()
    const { device } = await signIn(email)
    const code = mailedCode(email)
    expect((await rowsIn(email)).answers).toHaveLength(1)
    atTime(Date.now() + CODE_LIFETIME_MS + 1)
    expect(await codeOf(await tryCode(email, code, device))).toBe('code_refused')
    expect(await runDurableObjectAlarm(await mailboxOf(email))).toBe(true)
    expect((await rowsIn(email)).answers).toEqual([])
  })
})
