import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { toBase64Url } from '../../protocol/bytes'
import { accountIdSchema } from '../../protocol/device'
import { MAX_CLOCK_AHEAD_MS, MAX_REPORT_AGE_MS } from '../../protocol/limits'
import { encodeMessage } from '../../protocol/message'
import { encodeReport, type Report } from '../../protocol/report'
import { channelRoom } from '../../protocol/room-id'
import { signAs } from '../../protocol/signed'
import { operate } from '../../scripts/operator'
import {
  ACCOUNT_REPORTS,
  MAX_REPORTS_KEPT,
  MAX_REPORTS_OF_REPORTER,
  NETWORK_REPORTS,
  REPORT_LIFETIME_MS,
} from '../../worker/limits'
import { randomId } from '../../worker/random'
import { atTime } from './support/clock'
import { passportOf, signerOf } from './support/ruler'
import { authed, signIn, type Viewer } from './support/viewer'
import { call, codeOf, newNetwork, ORIGIN, problemOf } from './support/worker'

const ROOM = channelRoom('some_channel')
const REPORTS = () => env.REPORTS.getByName('reports')
const rows = (query = 'SELECT id FROM reports') =>
  runInDurableObject(REPORTS(), (_, { storage }) => storage.sql.exec(query).toArray())
const somebody = () => accountIdSchema.parse(randomId(16))

async function made(viewer: Viewer, more: Partial<Report> = {}, by = viewer) {
  const report: Report = {
    v: 1,
    room: ROOM,
    device: viewer.device.id,
    ms: Date.now(),
    passport: await passportOf(viewer),
    to: 'operator',
    account: somebody(),
    name: 'CalmHeron',
    reason: 'hate',
    words: 'look at this',
    messages: [],
    passports: [],
    ...more,
  }
  const bytes = encodeReport(report)
  const sig = await signAs(signerOf(by), 'report', bytes)
  return { report: toBase64Url(bytes), sig: toBase64Url(sig) }
}

const post = (body: unknown, network = newNetwork()) =>
  call('POST', '/reports', { body, headers: { 'CF-Connecting-IP': network } })

async function said(viewer: Viewer, body: string) {
  const time = { ms: Date.now(), count: 0 }
  const bytes = encodeMessage({ v: 1, room: ROOM, device: viewer.device.id, seq: 0, time, kind: 'say', body })
  return { bytes, sig: await signAs(signerOf(viewer), 'message', bytes) }
}

beforeEach(() =>
  runInDurableObject(REPORTS(), (_, { storage }) => {
    storage.sql.exec('DELETE FROM reports')
    storage.sql.exec('DELETE FROM paces')
  }),
)
afterEach(() => vi.useRealTimers())

describe('POST /reports', () => {
  it('keeps a report with what its subject signed, for the operator alone', async () => {
    const [viewer, eve, una] = [await signIn(), await signIn(), await signIn()]
    const messages = [await said(eve, 'buy\u001b[2J my coins'), await said(una, 'hers')]
    const passports = [await passportOf(eve), await passportOf(una)]
    const body = await made(viewer, { account: eve.account, messages, passports })
    expect((await post(body)).status).toBe(204)
    // An answer that was lost.
    expect((await post(body)).status).toBe(204)
    expect(await rows()).toHaveLength(1)
    const key = randomId(32)
    const door = { origin: ORIGIN, key, fetch: (request: Request) => adminCall(request, key) }
    const lines = await operate(door, 'reports', '')
    expect(lines[0]).toMatch(/hate {2}twitch:some_channel$/)
    expect(lines).toContain(`  about   ${eve.account} "${eve.displayName}"`)
    expect(lines).toContain(`  by      ${viewer.account} "${viewer.displayName}"`)
    expect(lines).toContain('  words   "look at this"')
    expect(lines.filter((line) => line.startsWith('  said'))).toEqual([
      expect.stringMatching(/ "buy \[2J my coins"$/),
    ])
    expect(lines).toContain('  1 more that nobody can tell to be theirs')
    expect(lines.join('')).not.toContain('hers')
  })

  it.each<[string, (viewer: Viewer) => Promise<unknown>]>([
    ['signed by another device', async (viewer) => made(viewer, {}, await signIn())],
    [
      'under another’s passport',
      async (viewer) => made(viewer, { passport: await passportOf(await signIn()) }),
    ],
    ['for moderators', (viewer) => made(viewer, { to: 'moderators' })],
    ['too old', (viewer) => made(viewer, { ms: Date.now() - MAX_REPORT_AGE_MS - 1_000 })],
    ['of the future', (viewer) => made(viewer, { ms: Date.now() + MAX_CLOCK_AHEAD_MS + 5_000 })],
    ['about oneself', (viewer) => made(viewer, { account: viewer.account })],
  ])('refuses one that is %s', async (_, make) => {
    expect(await codeOf(await post(await make(await signIn())))).toBe('report_refused')
    expect(await rows()).toEqual([])
  })

  it('refuses what is no report, or too large', async () => {
    const good = await made(await signIn())
    expect(await codeOf(await post({ ...good, report: `${good.report}AAAA` }))).toBe('invalid_request')
    expect(await codeOf(await post({ ...good, sig: 'A' }))).toBe('invalid_request')
    expect(await codeOf(await post({ ...good, report: 'A'.repeat(8_400) }))).toBe('invalid_request')
    expect(await codeOf(await post({ ...good, more: 'x'.repeat(9_000) }))).toBe('body_too_large')
    expect(await rows()).toEqual([])
  })

  it('takes none of a device that was signed out, or of an account that is suspended', async () => {
    const viewer = await signIn()
    const suspended = await signIn()
    const [body, other] = [await made(viewer), await made(suspended)]
    await authed(viewer, 'DELETE', `/devices/${viewer.device.id}`)
    expect(await codeOf(await post(body))).toBe('report_refused')
    await env.ACCOUNTS.getByName(suspended.account).setSuspended(true)
    expect(await codeOf(await post(other))).toBe('account_suspended')
  })

  it('takes only so many of one account, whatever network they come from', async () => {
    const viewer = await signIn()
    const bodies = await Promise.all(Array.from({ length: ACCOUNT_REPORTS.burst + 1 }, () => made(viewer)))
    const answers = await Promise.all(bodies.map((body) => post(body)))
    expect(answers.map(({ status }) => status).sort()).toEqual([
      ...Array<number>(ACCOUNT_REPORTS.burst).fill(204),
      429,
    ])
    const late = answers.find(({ status }) => status === 429)
    if (late)
      expect(await problemOf(late)).toMatchObject({ code: 'rate_limited', retryAfter: expect.any(Number) })
    expect((await post(await made(await signIn()))).status).toBe(204)
  })

  it('takes only so many of one network, whoever reports', async () => {
    const network = newNetwork()
    const add = (to: string) => REPORTS().admit(randomId(32), somebody(), to)
    const waits: unknown[] = []
    for (let count = 0; count <= NETWORK_REPORTS.burst; count += 1) waits.push(await add(network))
    expect(waits.filter((wait) => wait === 0)).toHaveLength(NETWORK_REPORTS.burst)
    expect(await add('another')).toBe(0)
  })

  it('asks for the pace before it checks what came along, and spends only the sender’s', async () => {
    const [viewer, other] = [await signIn(), await signIn()]
    const checks = vi.spyOn(crypto.subtle, 'verify')
    for (let count = 0; count < ACCOUNT_REPORTS.burst; count += 1) {
      // In another's name.
      expect(await codeOf(await post(await made(viewer, {}, other)))).toBe('report_refused')
      expect((await post(await made(viewer))).status).toBe(204)
    }
    const messages = await Promise.all(Array.from({ length: 10 }, (_, nth) => said(other, `line ${nth}`)))
    const passports = [await passportOf(other)]
    const full = await made(viewer, { account: other.account, messages, passports })
    checks.mockClear()
    expect((await post(full)).status).toBe(429)
    expect(checks.mock.calls.length).toBeLessThan(messages.length)
    checks.mockRestore()
  })

  it('keeps the newest, and none for longer than it may', async () => {
    await fill(MAX_REPORTS_KEPT, Date.now() - 100_000, (index) => `by ${index}`)
    expect((await post(await made(await signIn()))).status).toBe(204)
    expect(await rows()).toHaveLength(MAX_REPORTS_KEPT)
    expect(await rows("SELECT id FROM reports WHERE id = 'old 0'")).toEqual([])
    atTime(Date.now() + REPORT_LIFETIME_MS + 1_000)
    await runDurableObjectAlarm(REPORTS())
    expect(await rows()).toEqual([])
    expect(await rows('SELECT who FROM paces')).toEqual([])
  })

  it('gives up the oldest of whoever reports most', async () => {
    await fill(MAX_REPORTS_KEPT, Date.now() - 100_000, (index) =>
      index < 2 ? `by ${index}` : `many ${index % 200}`,
    )
    expect((await post(await made(await signIn()))).status).toBe(204)
    expect(await rows()).toHaveLength(MAX_REPORTS_KEPT)
    expect(await rows("SELECT id FROM reports WHERE reporter LIKE 'by %'")).toHaveLength(2)
    expect(await rows("SELECT id FROM reports WHERE id = 'old 2'")).toEqual([])
  })

  it('keeps so many of one reporter, the newest', async () => {
    const viewer = await signIn()
    await fill(MAX_REPORTS_OF_REPORTER, Date.now() - 100_000, () => viewer.account)
    await fill(1, Date.now() - 200_000, () => 'another', 'other')
    expect((await post(await made(viewer))).status).toBe(204)
    const ids = (await rows('SELECT id FROM reports ORDER BY at')).map(({ id }) => id)
    expect(ids).toHaveLength(MAX_REPORTS_OF_REPORTER + 1)
    expect(ids.slice(0, 2)).toEqual(['other 0', 'old 1'])
  })
})

const fill = (count: number, from: number, reporter: (index: number) => string, id = 'old') =>
  runInDurableObject(REPORTS(), (_, { storage }) => {
    for (let index = 0; index < count; index += 1)
      storage.sql.exec(
        'INSERT INTO reports VALUES (?, ?, ?, ?)',
        `${id} ${index}`,
        from + index,
        reporter(index),
        '{}',
      )
  })

const adminCall = async (request: Request, ADMIN_KEY: string) =>
  call(request.method, new URL(request.url).pathname, {
    env: { ADMIN_KEY },
    headers: { Authorization: request.headers.get('Authorization') ?? '' },
  })
