import { createExecutionContext, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { accountExportSchema } from '../../protocol/api'
import { toBase64Url } from '../../protocol/bytes'
import { SocketClose } from '../../protocol/room-socket'
import { type Command, operate, Refusal } from '../../scripts/operator'
import { app } from '../../worker/app'
import { NAME_HOLD_MS } from '../../worker/limits'
import { NameShard } from '../../worker/objects/name-shard'
import { randomId } from '../../worker/random'
import { atTime } from './support/clock'
import { newName } from './support/names'
import { join, newRoom, until } from './support/socket'
import { askToken, authed, refreshed, rename, signIn, type Viewer } from './support/viewer'
import { call, codeOf, newAddress, ORIGIN, workerEnv } from './support/worker'

const ADMIN_KEY = randomId(32)

const as = (key: string, there: string | undefined = ADMIN_KEY) => ({
  origin: ORIGIN,
  key,
  fetch: async (request: Request) =>
    app.fetch(
      request,
      { ...workerEnv, ...(there !== undefined && { ADMIN_KEY: there }) },
      createExecutionContext(),
    ),
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const lostNames = ({ account }: Viewer) =>
  runInDurableObject(env.ACCOUNTS.getByName(account), (_, { storage }) =>
    storage.sql.exec('SELECT * FROM lost_names').toArray(),
  )

const operator = (command: Command, who: string) => operate(as(ADMIN_KEY), command, who)

const DOORS = [
  ['GET', '/admin/accounts/AAAAAAAAAAAAAAAAAAAAAA'],
  ['POST', '/admin/accounts/AAAAAAAAAAAAAAAAAAAAAA/suspension'],
  ['DELETE', '/admin/accounts/AAAAAAAAAAAAAAAAAAAAAA/suspension'],
  ['DELETE', '/admin/accounts/AAAAAAAAAAAAAAAAAAAAAA/picture'],
  ['GET', '/admin/accounts/AAAAAAAAAAAAAAAAAAAAAA/export'],
  ['DELETE', '/admin/accounts/AAAAAAAAAAAAAAAAAAAAAA'],
  ['GET', '/admin/reports'],
  ['GET', '/admin/names/somebody'],
  ['DELETE', '/admin/names/somebody'],
] as const

describe('the operator’s door', () => {
  it.each(DOORS)('%s %s is not there for anybody else, nor where no key is set', async (method, path) => {
    const nothing = await (await call(method, '/nothing-here')).text()
    const shape = (text: string) => text.replace(/"requestId":"[^"]+"/, '')
    const tries: [string | undefined, string | undefined][] = [
      [undefined, `Bearer ${ADMIN_KEY}`],
      ['', 'Bearer '],
      [ADMIN_KEY, undefined],
      [ADMIN_KEY, `Bearer ${randomId(32)}`],
      [ADMIN_KEY, `Bearer ${ADMIN_KEY.slice(0, -1)}`],
      [ADMIN_KEY, `Bearer ${ADMIN_KEY}x`],
      [ADMIN_KEY, `DPoP ${ADMIN_KEY}`],
      [ADMIN_KEY, ADMIN_KEY],
    ]
    for (const [there, Authorization] of tries) {
      const response = await call(method, path, {
        env: there === undefined ? {} : { ADMIN_KEY: there },
        headers: Authorization === undefined ? {} : { Authorization },
      })
      expect(response.status).toBe(404)
      expect(shape(await response.text())).toBe(shape(nothing))
    }
  })

  it('does not open to a key that could be guessed', async () => {
    const response = await call('GET', '/admin/names/x', {
      env: { ADMIN_KEY: 'secret' },
      headers: { Authorization: 'Bearer secret' },
    })
    expect(response.status).toBe(500)
  })

  it('is not in the document, nor given away by 405', async () => {
    expect(await (await call('GET', '/openapi.json')).text()).not.toContain('admin')
    expect((await call('PUT', '/admin/names/x')).status).toBe(404)
  })

  it('says what is wrong with the key', async () => {
    await expect(operate(as(randomId(32)), 'show', 'somebody')).rejects.toThrow(/no door for this key/)
  })
})

describe('npm run admin', () => {
  it('shows an account by its id, its name, or a name that looks like it', async () => {
    const viewer = await signIn()
    const name = newName()
    await rename(viewer, name)
    for (const who of [viewer.account, name, name.toLowerCase()]) {
      const lines = await operator('show', who)
      expect(lines).toContain(`account   ${viewer.account}`)
      expect(lines).toContain(`name      ${name}`)
      expect(lines).toContain('standing  live')
    }
    // The old name is still held by the same account.
    expect(await operator('show', viewer.displayName)).toContain(`name      ${name}`)
    await expect(operator('show', newName())).rejects.toThrow(Refusal)
    await expect(operator('show', randomId(16))).rejects.toThrow(Refusal)
  })

  it('suspends and lets in again', async () => {
    const viewer = await signIn()
    const sockets = await join(viewer, newRoom())
    expect(await operator('suspend', viewer.displayName)).toContain('standing  suspended')
    await sockets.closed
    expect(await codeOf(await askToken(viewer.device, viewer.account))).toBe('account_suspended')
    // Once more changes nothing.
    expect(await operator('suspend', viewer.account)).toContain('standing  suspended')
    expect(await operator('unsuspend', viewer.account)).toContain('standing  live')
    expect((await askToken(viewer.device, viewer.account)).status).toBe(200)
  })

  it('removes a picture, and the passports that show it', async () => {
    const viewer = await signIn()
    const room = newRoom()
    const ann = await join(await signIn(), room)
    await join(viewer, room)
    const hash = toBase64Url(crypto.getRandomValues(new Uint8Array(32)))
    await env.ACCOUNTS.getByName(viewer.account).setPicture(hash, new Uint8Array([1]))
    expect(await operator('show', viewer.account)).toContain(`picture   ${hash}`)
    expect(await operator('remove-picture', viewer.account)).toContain('picture   none')
    expect((await env.PICTURES.list({ prefix: `${viewer.account}/` })).objects).toEqual([])
    await until(() => ann.inbox.some(({ t }) => t === 'revoked'))
    await expect(operator('remove-picture', viewer.account)).rejects.toThrow('No picture')
    // They are not suspended: they get another passport.
    expect((await authed(viewer, 'POST', '/passport')).status).toBe(200)
  })

  it('frees a name that somebody has, who gets another', async () => {
    const [viewer, other] = [await signIn(), await signIn()]
    const name = newName()
    await rename(viewer, name)
    expect(await codeOf(await rename(other, name))).toBe('name_taken')
    const [freed, renamed] = await operator('release-name', name)
    expect(freed).toBe(`${name} is free`)
    const now: { displayName: string } = await (await authed(viewer, 'GET', '/user/display-name')).json()
    expect(renamed).toBe(`${viewer.account} is ${now.displayName} now`)
    expect(now.displayName).not.toBe(name)
    expect((await rename(other, name)).status).toBe(200)
  })

  it('frees a name that somebody gave up, who keeps the present one', async () => {
    const [viewer, other] = [await signIn(), await signIn()]
    const [old, name] = [newName(), newName()]
    await rename(viewer, old)
    await rename(viewer, name)
    expect(await codeOf(await rename(other, old))).toBe('name_taken')
    expect(await operator('release-name', old)).toEqual([`${old} is free`])
    expect((await rename(other, old)).status).toBe(200)
    expect(await operator('show', viewer.account)).toContain(`name      ${name}`)
    await expect(operator('release-name', newName())).rejects.toThrow('Nobody has this name')
  })

  it('keeps a name that was freed from whoever had it, whichever way they write it', async () => {
    const [viewer, other] = [await signIn(), await signIn()]
    const name = newName()
    await rename(viewer, name)
    await operator('release-name', name)
    expect(await codeOf(await rename(viewer, name))).toBe('name_taken')
    expect(await codeOf(await rename(viewer, name.toUpperCase()))).toBe('name_taken')
    const asked = await authed(viewer, 'GET', `/names/${name}/availability`)
    expect(await asked.json()).toEqual({ available: false, reason: 'taken' })
    const asTheyGo = await authed(other, 'GET', `/names/${name}/availability`)
    expect(await asTheyGo.json()).toEqual({ available: true })
    // Another one they may have, and this one when it would be free for everybody anyway.
    expect((await rename(viewer, newName())).status).toBe(200)
    atTime(Date.now() + NAME_HOLD_MS - 60_000)
    expect(await codeOf(await rename(await refreshed(viewer), name))).toBe('name_taken')
    atTime(Date.now() + 120_000)
    await runDurableObjectAlarm(env.ACCOUNTS.getByName(viewer.account))
    expect(await lostNames(viewer)).toEqual([])
    expect((await rename(await refreshed(viewer), name)).status).toBe(200)
  })

  it('keeps a name that was freed from whoever gave it up before', async () => {
    const viewer = await signIn()
    const old = newName()
    await rename(viewer, old)
    await rename(viewer, newName())
    await operator('release-name', old)
    expect(await codeOf(await rename(viewer, old))).toBe('name_taken')
  })

  it('ends the passports that say a freed name although the registry is away, and frees it later', async () => {
    const [viewer, room, name] = [await signIn(), newRoom(), newName()]
    await rename(viewer, name)
    const ann = await join(await signIn(), room)
    const sockets = await join(viewer, room)
    const away = vi.spyOn(NameShard.prototype, 'retire').mockRejectedValue(new Error('away'))
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    await expect(operator('release-name', name)).rejects.toThrow('500')
    expect(away).toHaveBeenCalled()
    expect(await sockets.closed).toMatchObject({ code: SocketClose.revoked })
    await until(() => ann.inbox.some(({ t }) => t === 'revoked'))
    away.mockRestore()
    expect(await codeOf(await rename(viewer, name))).toBe('name_taken')
    expect((await operator('release-name', name))[0]).toBe(`${name} is free`)
    expect((await rename(await signIn(), name)).status).toBe(200)
  })

  it('gives out and ends an account that is suspended, for its owner who cannot', async () => {
    const address = newAddress()
    const viewer = await signIn(address)
    const name = newName()
    await rename(viewer, name)
    await operator('suspend', viewer.account)
    expect(await codeOf(await authed(viewer, 'GET', '/account/export'))).toBe('account_suspended')
    expect(await codeOf(await authed(viewer, 'DELETE', '/account'))).toBe('account_suspended')
    const [text = ''] = await operator('export', name)
    const exported = accountExportSchema.parse(JSON.parse(text))
    expect(exported).toMatchObject({ accountId: viewer.account, displayName: name })
    expect(exported.devices).toMatchObject([{ device: viewer.device.id, current: false }])
    expect(text).not.toContain(address)

    // Not by a name: there is no way back.
    await expect(operator('delete', name)).rejects.toThrow('account id')
    expect(await operator('delete', viewer.account)).toContain('standing  ended')
    expect(await operator('delete', viewer.account)).toContain('standing  ended')
    await expect(operator('export', viewer.account)).rejects.toThrow('has ended')
    await expect(operator('unsuspend', viewer.account)).rejects.toThrow('No such account')
    // The suspension went with it.
    const after = await signIn(address)
    expect(after.account).not.toBe(viewer.account)
    expect((await authed(after, 'POST', '/passport')).status).toBe(200)
    await expect(operator('delete', randomId(16))).rejects.toThrow(Refusal)
    await expect(operator('export', randomId(16))).rejects.toThrow(Refusal)
  })

  it('shows of one who has ended that they have', async () => {
    const viewer = await signIn()
    await authed(viewer, 'DELETE', '/account')
    expect(await operator('show', viewer.account)).toEqual(
      expect.arrayContaining(['standing  ended', 'name      none', 'picture   none']),
    )
  })
})
