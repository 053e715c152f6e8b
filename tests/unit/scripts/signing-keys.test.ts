import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { calculateJwkThumbprint } from 'jose'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  firstKeys,
  type KeySet,
  keySetSchema,
  revokeKey,
  rotateKeys,
  statesOf,
  tidyKeys,
} from '../../../scripts/signing-keys'
import { keysOf } from '../../../worker/keys'
import { KEY_ARCHIVE_MS, KEY_DRAIN_MS, KEY_LEAD_MS } from '../../../worker/limits'

const NOW = Date.UTC(2031, 0, 5)
const DAY = 24 * 3_600_000

const states = (set: KeySet, now: number) => statesOf(set, now).map(({ state }) => state)
/** Which key the Worker would sign with. */
const signer = async (set: KeySet, now: number) => (await keysOf(JSON.stringify(set)).signing(now)).kid
const published = (set: KeySet) => keysOf(JSON.stringify(set)).published

describe('signing keys', () => {
  it('are named by their thumbprint, and the first signs at once, also by a clock that is behind', async () => {
    const set = await firstKeys(NOW)
    const [key] = set.keys
    expect(key?.kid).toBe(await calculateJwkThumbprint({ ...key, kty: 'OKP' }))
    expect(states(set, NOW)).toEqual(['signing'])
    expect(await signer(set, NOW - 10 * 60_000)).toBe(key?.kid)
    expect((await firstKeys(NOW)).keys[0]?.d).not.toBe(key?.d)
  })

  it('go from announced to signing to ended to retired to gone', async () => {
    const first = await firstKeys(NOW)
    const [{ kid: old } = { kid: '' }] = first.keys
    const rotated = await rotateKeys(first, NOW)
    const [{ kid: young } = { kid: '' }] = rotated.keys
    expect(states(rotated, NOW)).toEqual(['announced', 'signing'])
    expect(published(rotated).map(({ kid }) => kid)).toEqual([young, old])
    const begins = NOW + KEY_LEAD_MS
    expect(await signer(rotated, begins - 1)).toBe(old)
    expect(await signer(rotated, begins)).toBe(young)
    expect(states(rotated, begins)).toEqual(['signing', 'ended'])
    expect(tidyKeys(rotated, begins + KEY_DRAIN_MS - 1_000)).toEqual(rotated)
    const tidy = tidyKeys(rotated, begins + KEY_DRAIN_MS)
    expect(states(tidy, begins + KEY_DRAIN_MS)).toEqual(['signing', 'retired'])
    expect(tidy.keys[1]).not.toHaveProperty('d')
    expect(published(tidy)[1]).toMatchObject({ kid: old, exp: begins / 1000 })
    expect(published(tidy)[0]).not.toHaveProperty('exp')
    expect(await signer(tidy, begins + DAY)).toBe(young)
    expect(tidyKeys(tidy, begins + KEY_ARCHIVE_MS - 1_000)).toEqual(tidy)
    expect(tidyKeys(tidy, begins + KEY_ARCHIVE_MS).keys.map(({ kid }) => kid)).toEqual([young])
  })

  it('rotate one at a time, tidying up as they go', async () => {
    let set = await firstKeys(NOW)
    for (let month = 1; month <= 30; month++) set = await rotateKeys(set, NOW + month * 30 * DAY)
    const now = NOW + 30 * 30 * DAY
    await expect(rotateKeys(set, now)).rejects.toThrow('announced')
    expect(states(set, now).filter((state) => state !== 'retired')).toEqual(['announced', 'signing'])
    expect(set.keys.filter(({ d }) => d !== undefined)).toHaveLength(2)
    // What a secret may hold on Cloudflare.
    expect(JSON.stringify(set).length).toBeLessThan(5_120)
    expect(set.keys.length).toBeGreaterThan(20)
  })

  it('that got out are removed, and somebody signs on', async () => {
    const first = await firstKeys(NOW)
    const [{ kid: lost } = { kid: '' }] = first.keys
    const announced = await rotateKeys(first, NOW)
    const revoked = await revokeKey(announced, lost, NOW)
    expect(revoked.keys.map(({ kid }) => kid)).not.toContain(lost)
    expect(states(revoked, NOW)).toEqual(['signing', 'announced'])
    expect(await signer(revoked, NOW)).toBe(revoked.keys[0]?.kid)
    expect(await signer(revoked, NOW + KEY_LEAD_MS)).toBe(announced.keys[0]?.kid)
    const later = NOW + KEY_LEAD_MS + 60_000
    const back = await revokeKey(announced, announced.keys[0]?.kid ?? '', later)
    expect(await signer(back, later)).toBe(lost)
    await expect(revokeKey(first, 'nobody', NOW)).rejects.toThrow('no such key')
  })

  it('are refused by the Worker where one id stands for two, or none signs', async () => {
    const { keys } = await firstKeys(NOW)
    const [key] = keys
    expect(() => keysOf(JSON.stringify({ keys: [key, key] }))).toThrow()
    const { d: _, ...retired } = { ...key, exp: 1 }
    expect(() => keysOf(JSON.stringify({ keys: [retired] }))).toThrow()
    expect(() => keysOf(JSON.stringify({ keys: [] }))).toThrow()
  })
})

describe('npm run keys', () => {
  let dir: string
  let file: string
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'sidestream-keys-'))
    file = join(dir, 'keys.json')
  })
  afterEach(() => rm(dir, { recursive: true }))

  const run = async (...args: string[]) => {
    const script = join(import.meta.dirname, '../../../scripts/keys.ts')
    const options = { env: { ...process.env, NODE_NO_WARNINGS: '1' } }
    return promisify(execFile)(process.execPath, [script, ...args], options).then(
      ({ stdout }) => ({ code: 0, said: stdout }),
      (error: { code: number; stderr: string }) => ({ code: error.code, said: error.stderr }),
    )
  }
  const kept = async () => keySetSchema.parse(JSON.parse(await readFile(file, 'utf8')))

  it('makes, rotates and shows keys, for the owner’s eyes only, and never prints a private half', async () => {
    const made = await run('new', file)
    expect(made).toMatchObject({ code: 0, said: expect.stringContaining('signing') })
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const first = await kept()
    const rotated = await run('rotate', file)
    const { keys } = await kept()
    expect(keys).toHaveLength(2)
    expect(keys[1]).toEqual(first.keys[0])
    const shown = await run('show', file)
    expect(shown.said).toBe(rotated.said)
    for (const { d = 'none' } of keys) expect(made.said + rotated.said + shown.said).not.toContain(d)
    await expect(signer(await kept(), Date.now())).resolves.toBe(first.keys[0]?.kid)
  }, 30_000)

  it('never overwrites keys, and leaves them alone when it fails', async () => {
    await run('new', file)
    await run('rotate', file)
    const before = await readFile(file, 'utf8')
    for (const args of [
      ['new', file],
      ['rotate', file],
      ['revoke', file, '--kid', 'x'],
      ['revoke', file],
      ['dance', file],
    ])
      expect((await run(...args)).code).toBe(1)
    expect(await readFile(file, 'utf8')).toBe(before)
    await writeFile(file, `{"keys":"very-secret`)
    const broken = await run('show', file)
    expect(broken.code).toBe(1)
    expect(broken.said).not.toContain('very-secret')
  }, 30_000)
})
