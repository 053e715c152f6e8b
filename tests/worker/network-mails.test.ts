import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { NETWORK_MAILS } from '../../worker/limits'
import { networkPseudonym } from '../../worker/network'
import { randomId } from '../../worker/random'
import { atTime } from './support/clock'
import { newDevice } from './support/device'
import { mailboxOf, rowsIn } from './support/mailbox'
import { askCode, tryCode } from './support/viewer'
import { call, codeOf, mailedCode, mails, newAddress, newNetwork, problemOf } from './support/worker'

afterEach(() => vi.useRealTimers())

const from = (address: string) => ({ 'CF-Connecting-IP': address })

describe('the mails of one network', () => {
  const networkOf = async (address: string) =>
    env.NETWORKS.getByName(
      await networkPseudonym(env.PEPPER, new Request('https://x.test', { headers: from(address) }), 'mails'),
    )

  it('are capped, whichever addresses they are for', async () => {
    const home = newNetwork()
    const device = await newDevice()
    const before = mails.length
    const answers = await Promise.all(
      Array.from({ length: 120 }, () => askCode(newAddress(), device, from(home))),
    )
    expect(mails.length - before).toBe(NETWORK_MAILS.burst)
    const refused = answers.filter(({ status }) => status !== 202)
    expect(refused).toHaveLength(120 - NETWORK_MAILS.burst)
    for (const answer of refused) {
      const wait = Number(answer.headers.get('Retry-After'))
      expect(await problemOf(answer)).toMatchObject({
        status: 429,
        code: 'code_network_exhausted',
        retryAfter: wait,
      })
      expect(wait).toBeGreaterThan(0)
      expect(wait * 1000).toBeLessThanOrEqual(NETWORK_MAILS.everyMs)
    }
    expect((await askCode(newAddress(), device)).status).toBe(202)
  }, 30_000)

  it('come back one by one, and are forgotten once paid back', async () => {
    const home = newNetwork()
    const ask = async () => (await askCode(newAddress(), await newDevice(), from(home))).status
    atTime(Date.now())
    for (let each = 0; each < NETWORK_MAILS.burst; each++) expect(await ask()).toBe(202)
    expect(await ask()).toBe(429)
    atTime(Date.now() + NETWORK_MAILS.everyMs)
    expect(await ask()).toBe(202)
    expect(await ask()).toBe(429)
    const network = await networkOf(home)
    const kept = () => runInDurableObject(network, (_, { storage }) => storage.kv.get('paidAt'))
    expect(await kept()).toEqual(expect.any(Number))
    atTime(Date.now() + (NETWORK_MAILS.burst + 1) * NETWORK_MAILS.everyMs)
    expect(await runDurableObjectAlarm(network)).toBe(true)
    expect(await kept()).toBeUndefined()
  }, 30_000)

  it('are rung for again while something is owed', async () => {
    const home = newNetwork()
    await askCode(newAddress(), await newDevice(), from(home))
    await askCode(newAddress(), await newDevice(), from(home))
    const network = await networkOf(home)
    expect(await runDurableObjectAlarm(network)).toBe(true)
    expect(await runDurableObjectAlarm(network)).toBe(true)
  })

  it('are given back where none was sent', async () => {
    const home = newNetwork()
    const device = await newDevice()
    atTime(Date.now())
    const EMAIL = { send: () => Promise.reject(new Error('550')) }
    const fail = async (more = {}) =>
      codeOf(
        await call('POST', '/auth/code', {
          body: { email: newAddress(), device: device.id, ...more },
          headers: from(home),
          env: { EMAIL },
        }),
      )
    for (let each = 0; each < NETWORK_MAILS.burst + 5; each++) expect(await fail()).toBe('mail_unavailable')
    const answers = await Promise.all(
      Array.from({ length: NETWORK_MAILS.burst + 3 }, () => askCode(newAddress(), device, from(home))),
    )
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(NETWORK_MAILS.burst)
  }, 30_000)

  it('are given back to those that one address refuses when it comes to it', async () => {
    const home = newNetwork()
    const email = newAddress()
    atTime(Date.now())
    // All look before any is counted, so that all but three are refused after they took a mail.
    const devices = await Promise.all(Array.from({ length: 12 }, () => newDevice()))
    const answers = await Promise.all(devices.map((device) => askCode(email, device, from(home))))
    const sent = answers.filter(({ status }) => status === 202).length
    expect(sent).toBe(3)
    const rest = await Promise.all(
      Array.from({ length: NETWORK_MAILS.burst }, async () =>
        askCode(newAddress(), await newDevice(), from(home)),
      ),
    )
    expect(rest.filter(({ status }) => status === 202)).toHaveLength(NETWORK_MAILS.burst - sent)
  }, 30_000)

  it('are not given back to a network by browsers that take none of it', async () => {
    const home = newNetwork()
    const email = newAddress()
    const returning = randomId(32)
    const device = await newDevice()
    await askCode(email, device, from(newNetwork()), { returning })
    expect((await tryCode(email, mailedCode(email), device, {}, { returning })).status).toBe(200)
    atTime(Date.now())
    for (let each = 0; each < NETWORK_MAILS.burst; each++) await askCode(newAddress(), device, from(home))
    const EMAIL = { send: () => Promise.reject(new Error('550')) }
    const failed = await call('POST', '/auth/code', {
      body: { email, device: device.id, returning },
      headers: from(home),
      env: { EMAIL },
    })
    expect(await codeOf(failed)).toBe('mail_unavailable')
    expect(await codeOf(await askCode(newAddress(), device, from(home)))).toBe('code_network_exhausted')
  }, 30_000)

  it('leave nothing at addresses that were refused one', async () => {
    const home = newNetwork()
    const device = await newDevice()
    for (let each = 0; each < NETWORK_MAILS.burst; each++) await askCode(newAddress(), device, from(home))
    const email = newAddress()
    expect(await codeOf(await askCode(email, device, from(home)))).toBe('code_network_exhausted')
    expect(await rowsIn(email)).toEqual({})
    expect(await runDurableObjectAlarm(await mailboxOf(email))).toBe(false)
  }, 30_000)

  it('are counted under a name that tells nothing, and that no address stores', async () => {
    const email = newAddress()
    const address = newNetwork()
    await askCode(email, await newDevice(), from(address))
    const sender = await networkPseudonym(
      env.PEPPER,
      new Request('https://x.test', { headers: from(address) }),
      'mails',
    )
    const kept = JSON.stringify(await rowsIn(email))
    for (const clear of [address, address.replace(/\.\d+$/, ''), sender]) expect(kept).not.toContain(clear)
    const other = newAddress()
    await askCode(other, await newDevice(), from(address))
    expect((await rowsIn(email)).sent?.[0]?.network).not.toBe((await rowsIn(other)).sent?.[0]?.network)
  })
})
