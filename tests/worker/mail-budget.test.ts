import { afterEach, describe, expect, it, vi } from 'vitest'
import { CODE_LIFETIME_MS } from '../../protocol/limits'
import { DAILY_MAILS, DAY_MS, MAX_LIVE_CODES_PER_NETWORK, NETWORK_MAILS } from '../../worker/limits'
import { randomId } from '../../worker/random'
import { atTime } from './support/clock'
import { newDevice, type TestDevice } from './support/device'
import { rowsIn } from './support/mailbox'
import { askCode, signIn, tryCode } from './support/viewer'
import { codeOf, mailedCode, mails, newAddress, newNetwork, problemOf } from './support/worker'

afterEach(() => vi.useRealTimers())

const { free, paced, perNetwork } = DAILY_MAILS
const STEP_MS = DAY_MS / paced

const mailsTo = (email: string) => mails.filter(({ to }) => to === email).length
const from = (address: string) => ({ 'CF-Connecting-IP': address })

/** Signs in with a browser that shows `returning`, and returns it with the device. */
async function signInReturning(email: string): Promise<{ device: TestDevice; returning: string }> {
  const device = await newDevice()
  const returning = randomId(32)
  await askCode(email, device, {}, { returning })
  expect((await tryCode(email, mailedCode(email), device, {}, { returning })).status).toBe(200)
  return { device, returning }
}

/** Asks for `email` from `count` networks, once each. */
async function flood(email: string, count: number): Promise<Response[]> {
  const attacker = await newDevice()
  const answers: Response[] = []
  for (let each = 0; each < count; each++) answers.push(await askCode(email, attacker))
  return answers
}

describe('the mails of one address', () => {
  it('go to a network ten times a day, whatever its devices', async () => {
    const email = newAddress()
    const home = from(newNetwork())
    const begin = Date.now()
    for (let each = 0; each < perNetwork; each++) {
      atTime(begin + each * (CODE_LIFETIME_MS + 1))
      expect((await askCode(email, await newDevice(), home)).status).toBe(202)
    }
    atTime(begin + perNetwork * (CODE_LIFETIME_MS + 1))
    const refused = await problemOf(await askCode(email, await newDevice(), home))
    expect(refused.code).toBe('code_requests_exhausted')
    expect(refused.retryAfter).toBeGreaterThan(3_600)
    expect((await askCode(email, await newDevice())).status).toBe(202)
  })

  it('are no more for being asked for all at once', async () => {
    const email = newAddress()
    const home = from(newNetwork())
    const devices = await Promise.all(Array.from({ length: 20 }, () => newDevice()))
    const answers = await Promise.all(devices.map((device) => askCode(email, device, home)))
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(MAX_LIVE_CODES_PER_NETWORK)
    expect(mailsTo(email)).toBe(MAX_LIVE_CODES_PER_NETWORK)
  })

  it('are paced under attack, so that somebody from another network always gets one within half an hour', async () => {
    const email = newAddress()
    atTime(Date.now())
    const answers = await flood(email, free + 20)
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(free)
    const owner = await newDevice()
    const home = newNetwork()
    const refused = await problemOf(await askCode(email, owner, from(home)))
    expect(refused.code).toBe('code_requests_exhausted')
    expect((refused.retryAfter ?? 0) * 1000).toBeLessThanOrEqual(STEP_MS + 1_000)
    atTime(Date.now() + STEP_MS)
    expect((await askCode(email, owner, from(home))).status).toBe(202)
    expect((await tryCode(email, mailedCode(email), owner)).status).toBe(200)
    // One each: nobody takes the next one, too.
    atTime(Date.now() + STEP_MS)
    expect(await codeOf(await askCode(email, owner, from(home)))).toBe('code_requests_exhausted')
  }, 30_000)

  it('never are more than a hundred, and last a whole day whatever the attack', async () => {
    const email = newAddress()
    const begin = Date.now()
    const attacker = await newDevice()
    for (let now = begin; now < begin + DAY_MS; now += STEP_MS / 4) {
      atTime(now)
      for (let each = 0; each < (now === begin ? free + 5 : 1); each++) await askCode(email, attacker)
    }
    expect(mailsTo(email)).toBeLessThanOrEqual(free + paced)
    expect(mailsTo(email)).toBeGreaterThan(free + paced - 3)
    // The last one was not long ago, so the attack kept nobody out for long.
    const { sent } = await rowsIn(email)
    expect(Math.max(...(sent ?? []).map(({ at }) => Number(at)))).toBeGreaterThan(
      begin + DAY_MS - 2 * STEP_MS,
    )
  }, 60_000)

  it('reach a browser that signed in before, though everybody else has used the day up', async () => {
    const email = newAddress()
    const { returning } = await signInReturning(email)
    await flood(email, free + 5)
    const device = await newDevice()
    const home = from(newNetwork())
    expect(await codeOf(await askCode(email, device, home))).toBe('code_requests_exhausted')
    expect(await codeOf(await askCode(email, device, home, { returning: randomId(32) }))).toBe(
      'code_requests_exhausted',
    )
    expect((await askCode(email, device, home, { returning })).status).toBe(202)
    expect((await tryCode(email, mailedCode(email), device)).status).toBe(200)
  }, 30_000)

  it('reach it in the very network of an attacker, and although that network has asked for too many', async () => {
    const email = newAddress()
    const { returning } = await signInReturning(email)
    const home = from(newNetwork())
    for (let each = 0; each < 3; each++) await askCode(email, await newDevice(), home)
    for (let each = 0; each < NETWORK_MAILS.burst; each++)
      await askCode(newAddress(), await newDevice(), home)
    expect(await codeOf(await askCode(newAddress(), await newDevice(), home))).toBe('code_network_exhausted')
    expect(await codeOf(await askCode(email, await newDevice(), home))).toBe('code_requests_exhausted')
    const device = await newDevice()
    for (let each = 0; each < 3; each++)
      expect((await askCode(email, device, home, { returning })).status).toBe(202)
    expect(await codeOf(await askCode(email, device, home, { returning }))).toBe('code_requests_exhausted')
  }, 30_000)

  it('do not tell by any refusal whether the address has an account', async () => {
    const [known, unknown] = [newAddress(), newAddress()]
    await signInReturning(known)
    // What the sign-in took.
    await askCode(unknown, await newDevice())
    const told: unknown[] = []
    atTime(Date.now())
    for (const email of [known, unknown]) {
      const answers = await flood(email, free + 3)
      told.push(
        await Promise.all(
          answers.map(async (answer) =>
            answer.ok ? answer.status : { ...(await problemOf(answer)), requestId: undefined },
          ),
        ),
      )
    }
    expect(told[0]).toEqual(told[1])
  }, 30_000)

  it('know a browser by a hash that serves no other address', async () => {
    const [one, other] = [newAddress(), newAddress()]
    const { returning } = await signInReturning(one)
    expect(JSON.stringify(await rowsIn(one))).not.toContain(returning)
    const hash = (await rowsIn(one)).returners?.[0]?.hash
    expect(hash).toEqual(expect.any(String))
    await signIn(other)
    await flood(other, free + 1)
    expect(await codeOf(await askCode(other, await newDevice(), {}, { returning }))).toBe(
      'code_requests_exhausted',
    )
    expect(await codeOf(await askCode(one, await newDevice(), {}, { returning: 'short' }))).toBe(
      'invalid_request',
    )
  }, 30_000)

  it('remember no browser for a wrong code', async () => {
    const email = newAddress()
    const device = await newDevice()
    await askCode(email, device)
    const code = mailedCode(email) === '000000' ? '000001' : '000000'
    await tryCode(email, code, device, {}, { returning: randomId(32) })
    expect(await rowsIn(email)).not.toHaveProperty('returners')
  })
})
