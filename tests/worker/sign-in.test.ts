import { describe, expect, it } from 'vitest'
import { accountSchema, codeResponseSchema } from '../../protocol/api'
import { CODE_ATTEMPTS, CODE_LIFETIME_MS } from '../../protocol/limits'
import { newDevice } from './support/device'
import { rowsIn } from './support/mailbox'
import { askCode, askToken, signIn, tryCode } from './support/viewer'
import { codeOf, mailedCode, mails, newAddress, problemOf } from './support/worker'

const wrong = (code: string, by = 1) => String((Number(code) + by) % 1_000_000).padStart(6, '0')

/** An answer's body, without what names each answer. */
const wordsOf = async (response: Response) => ({ ...(await problemOf(response)), requestId: undefined })

const tally = async (responses: Response[]) => {
  const codes = await Promise.all(responses.map(async (response) => (response.ok ? 'ok' : codeOf(response))))
  return Object.fromEntries(
    [...new Set(codes)].map((code) => [code, codes.filter((other) => other === code).length]),
  )
}

describe('a one-time code', () => {
  it('signs in: mail, account, name, token', async () => {
    const email = newAddress()
    const device = await newDevice()
    const asked = await askCode(email, device)
    expect(asked.status).toBe(202)
    const { expiresAt } = codeResponseSchema.parse(await asked.json())
    expect(Math.abs(expiresAt - Date.now() - CODE_LIFETIME_MS)).toBeLessThan(5_000)
    const mail = mails.at(-1)
    expect(mail).toMatchObject({ to: email, subject: 'Your Sidestream code' })
    expect(mail?.text.match(/(?<!\d)\d{6}(?!\d)/g)).toHaveLength(1)
    const verified = await tryCode(email, mailedCode(email), device)
    expect(verified.status).toBe(200)
    const { accountId, displayName } = accountSchema.parse(await verified.json())
    expect(displayName).toMatch(/^[A-Z][a-z]+[A-Z][a-z]+\d{2,3}$/)
    expect((await askToken(device, accountId)).status).toBe(200)
  })

  it('finds the same account again, whatever the case of the address', async () => {
    const email = newAddress()
    const first = await signIn(email)
    const again = await signIn(email.toUpperCase())
    expect(again.account).toBe(first.account)
    expect(again.displayName).toBe(first.displayName)
    expect((await signIn()).account).not.toBe(first.account)
  })

  it('is answered alike for known and unknown addresses', async () => {
    const known = newAddress()
    await signIn(known)
    const unknown = newAddress()
    const answers = []
    for (const email of [known, unknown]) {
      const device = await newDevice()
      const asked = await askCode(email, device)
      const keys = Object.keys((await asked.json()) as object)
      const guessed = await tryCode(email, wrong(mailedCode(email)), device)
      answers.push([asked.status, [...asked.headers.keys()], keys, guessed.status, await wordsOf(guessed)])
    }
    expect(answers[0]).toEqual(answers[1])
    const stranger = await newDevice()
    const never = await tryCode(newAddress(), '123456', stranger)
    const other = await tryCode(known, '123456', stranger)
    expect([never.status, await wordsOf(never)]).toEqual([other.status, await wordsOf(other)])
  })

  it('is mailed to the very address that it is redeemed for, or to nobody', async () => {
    const victim = `victim-${crypto.randomUUID()}`
    const { account } = await signIn(`${victim}@example.com`)
    const spellings = [
      victim.replace('v', 'ｖ'),
      victim.replace('i', 'ı'),
      victim.replace('i', 'İ'),
      victim.replace('i', '\u0456'),
      victim.replace('ct', 'c\u00ADt'),
      `${victim}\u200B`,
      victim.toUpperCase(),
    ].flatMap((local) => [`${local}@example.com`, `${local}@EXAMPLE.com`, `${local}@ｅxample.com`])
    for (const email of spellings) {
      const device = await newDevice()
      const before = mails.length
      const asked = await askCode(email, device)
      if (!asked.ok) {
        expect(await codeOf(asked)).toBe('invalid_request')
        expect(mails.length).toBe(before)
        expect(await codeOf(await tryCode(email, '123456', device))).toBe('invalid_request')
        continue
      }
      const { to = '', text = '' } = mails.at(-1) ?? {}
      const redeemed = await tryCode(email, /\d{6}/.exec(text)?.[0] ?? '', device)
      const { accountId } = accountSchema.parse(await redeemed.json())
      expect(accountId === account, `${email} is mailed as ${to}`).toBe(to === `${victim}@example.com`)
    }
  })

  it('works only on the device that asked', async () => {
    const email = newAddress()
    await askCode(email, await newDevice())
    expect(await codeOf(await tryCode(email, mailedCode(email), await newDevice()))).toBe('code_refused')
  })

  it('is not consumed by an assertion that does not hold', async () => {
    const email = newAddress()
    const device = await newDevice()
    await askCode(email, device)
    const code = mailedCode(email)
    const { key } = await newDevice()
    for (let attempt = 0; attempt < CODE_ATTEMPTS + 1; attempt++) {
      expect(await codeOf(await tryCode(email, code, device, { key }))).toBe('device_refused')
    }
    const thief = await newDevice()
    expect(
      await codeOf(await tryCode(email, code, device, { claims: { iss: thief.id }, key: thief.key })),
    ).toBe('device_refused')
    expect((await tryCode(email, code, device)).status).toBe(200)
  })

  it('lets five of 200 concurrent guesses be looked at', async () => {
    const email = newAddress()
    const device = await newDevice()
    await askCode(email, device)
    const code = mailedCode(email)
    const guesses = Array.from({ length: 200 }, (_, index) => (index === 150 ? code : wrong(code, index + 1)))
    const responses = await Promise.all(guesses.map((guess) => tryCode(email, guess, device)))
    expect(await tally(responses)).toEqual({ code_refused: 5, code_attempts_exhausted: 195 })
    expect((await rowsIn(email)).tries).toMatchObject([{ count: 5 }])
    expect(await codeOf(await tryCode(email, code, device))).toBe('code_attempts_exhausted')
  })

  it('counts tries across resends', async () => {
    const email = newAddress()
    const device = await newDevice()
    await askCode(email, device)
    for (const by of [1, 2, 3]) await tryCode(email, wrong(mailedCode(email), by), device)
    expect((await askCode(email, device)).status).toBe(202)
    const code = mailedCode(email)
    for (const by of [1, 2])
      expect(await codeOf(await tryCode(email, wrong(code, by), device))).toBe('code_refused')
    const locked = await problemOf(await tryCode(email, code, device))
    expect(locked).toMatchObject({ code: 'code_attempts_exhausted', status: 429 })
    expect(locked.retryAfter).toBeGreaterThan(500)
    const mailed = mails.length
    expect(await codeOf(await askCode(email, device))).toBe('code_attempts_exhausted')
    expect(mails.length).toBe(mailed)
  })

  it('of another device is not blocked by an exhausted one', async () => {
    const email = newAddress()
    const attacker = await newDevice()
    await askCode(email, attacker)
    const bait = mailedCode(email)
    for (let by = 1; by <= CODE_ATTEMPTS + 1; by++) await tryCode(email, wrong(bait, by), attacker)
    const owner = await newDevice()
    await askCode(email, owner)
    expect((await tryCode(email, mailedCode(email), owner)).status).toBe(200)
  })

  it('may be the older of two mails', async () => {
    const email = newAddress()
    const device = await newDevice()
    await askCode(email, device)
    const older = mailedCode(email)
    await askCode(email, device)
    expect((await tryCode(email, older, device)).status).toBe(200)
  })
})
