import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { accountSchema } from '../../protocol/api'
import { CODE_LIFETIME_MS } from '../../protocol/limits'
import { DAY_MS } from '../../worker/limits'
import { CodeLedger } from '../../worker/objects/code-ledger'
import { atTime } from './support/clock'
import { newDevice } from './support/device'
import { mailboxOf, rowsIn } from './support/mailbox'
import { askCode, signIn, tryCode } from './support/viewer'
import { call, codeOf, mailedCode, newAddress, problemOf } from './support/worker'

afterEach(() => vi.useRealTimers())

describe('asking for codes', () => {
  it('is limited to three live ones per network, and another network is not affected', async () => {
    const email = newAddress()
    const from = (address: string) => ({ 'CF-Connecting-IP': address })
    for (const last of [1, 2, 3]) {
      expect((await askCode(email, await newDevice(), from(`203.0.113.${last}`))).status).toBe(202)
    }
    const refused = await problemOf(await askCode(email, await newDevice(), from('203.0.113.77')))
    expect(refused.code).toBe('code_requests_exhausted')
    expect(refused.retryAfter).toBeGreaterThan(0)
    expect((await askCode(email, await newDevice(), from('198.51.100.1'))).status).toBe(202)
  })

  it('does not count a mail that could not be sent', async () => {
    const email = newAddress()
    const device = await newDevice()
    const EMAIL = { send: () => Promise.reject(new Error(`550 ${email}`)) }
    for (let attempt = 0; attempt < 4; attempt++) {
      const response = await call('POST', '/auth/code', {
        body: { email, device: device.id },
        env: { EMAIL },
      })
      expect(await codeOf(response)).toBe('mail_unavailable')
    }
    expect((await askCode(email, device)).status).toBe(202)
  })
})

describe('time and storage', () => {
  it('expires a code after ten minutes, and an alarm deletes it', async () => {
    const email = newAddress()
    const device = await newDevice()
    await askCode(email, device)
    const code = mailedCode(email)
    atTime(Date.now() + CODE_LIFETIME_MS + 1)
    expect(await codeOf(await tryCode(email, code, device))).toBe('code_refused')
    expect((await rowsIn(email)).codes).toHaveLength(1)
    expect(await runDurableObjectAlarm(await mailboxOf(email))).toBe(true)
    expect(await rowsIn(email)).toMatchObject({ codes: [], tries: [], sent: [{ is_returning: 0 }] })
    atTime(Date.now() + DAY_MS)
    expect(await runDurableObjectAlarm(await mailboxOf(email))).toBe(true)
    expect(await rowsIn(email)).toEqual({})
    expect(await runDurableObjectAlarm(await mailboxOf(email))).toBe(false)
  })

  it('keeps whose address it is when the codes are gone', async () => {
    const email = newAddress()
    const { account } = await signIn(email)
    atTime(Date.now() + DAY_MS + 1)
    expect(await runDurableObjectAlarm(await mailboxOf(email))).toBe(true)
    expect(await rowsIn(email)).toMatchObject({ sent: [], codes: [], owner: [{ account }] })
  })

  it('consumes a code once, even if two requests found it to match', async () => {
    const email = newAddress()
    const device = await newDevice()
    await askCode(email, device)
    const consumed = await runInDurableObject(await mailboxOf(email), (_, { storage }) => {
      const ledger = new CodeLedger(storage.sql)
      const [code] = ledger.liveOf(device.id, Date.now())
      return [1, 2].map(() => ledger.consume(code?.id ?? '', device.id))
    })
    expect(consumed).toEqual([true, false])
  })

  it('creates one account and one name however many verify at once', async () => {
    const email = newAddress()
    const devices = await Promise.all([1, 2, 3].map(() => newDevice()))
    const codes: string[] = []
    for (const device of devices) {
      await askCode(email, device)
      codes.push(mailedCode(email))
    }
    const responses = await Promise.all(
      devices.map((device, index) => tryCode(email, codes[index] ?? '', device)),
    )
    const accounts = await Promise.all(
      responses.map(async (response) => accountSchema.parse(await response.json())),
    )
    expect(new Set(accounts.map(({ accountId }) => accountId)).size).toBe(1)
    expect(new Set(accounts.map(({ displayName }) => displayName)).size).toBe(1)
  })

  it('keeps no address and no code, and logs neither', async () => {
    const lines: string[] = []
    for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
      vi.spyOn(console, method).mockImplementation((...words) => void lines.push(words.join(' ')))
    }
    const email = newAddress()
    const device = await newDevice()
    await askCode(email, device)
    const code = mailedCode(email)
    const kept = JSON.stringify(await rowsIn(email))
    expect(kept).toContain(device.id)
    expect(kept).not.toContain(email)
    expect(kept).not.toContain(code)
    await tryCode(email, code, device)
    const EMAIL = { send: () => Promise.reject(new Error(`550 ${email}`)) }
    await call('POST', '/auth/code', { body: { email, device: device.id }, env: { EMAIL } })
    await call('POST', '/auth/code', { body: { email, device: device.id }, env: { PEPPER: 'short' } })
    vi.restoreAllMocks()
    expect(lines.join('\n')).toContain('internal_error')
    expect(lines.join('\n')).not.toContain(email)
    expect(lines.join('\n')).not.toContain(code)
  })

  it('stores nothing for guesses at an address nobody asked a code for', async () => {
    const email = newAddress()
    await tryCode(email, '000000', await newDevice())
    expect(await rowsIn(email)).toEqual({})
  })
})
