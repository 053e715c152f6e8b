import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { accountExportSchema } from '../../protocol/api'
import { toBase64Url } from '../../protocol/bytes'
import { SocketClose } from '../../protocol/room-socket'
import { DAY_MS, ENDING_RETRY_MS, NAME_HOLD_MS, ROLE_CACHE_MS } from '../../worker/limits'
import { nameFolds } from '../../worker/names/fold'
import type { Account } from '../../worker/objects/account'
import { AccountPicture } from '../../worker/objects/account-picture'
import { AccountRooms } from '../../worker/objects/account-rooms'
import { Mailbox } from '../../worker/objects/mailbox'
import { NameShard } from '../../worker/objects/name-shard'
import { atTime } from './support/clock'
import { newDevice } from './support/device'
import { mailboxOf, rowsIn } from './support/mailbox'
import { newName, rowsOf } from './support/names'
import { join, newRoom, openSocket, until } from './support/socket'
import { atTwitch, beginTwitch, linkTwitch, newLogin, REDIRECT, twitchIdOf } from './support/twitch'
import { askCode, askToken, authed, signIn, ticketFor, tryCode, type Viewer } from './support/viewer'
import { codeOf, mailedCode, newAddress } from './support/worker'

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const accountOf = ({ account }: Viewer) => env.ACCOUNTS.getByName(account)
const end = (viewer: Viewer) => authed(viewer, 'DELETE', '/account')
const pictures = async ({ account }: Viewer) =>
  (await env.PICTURES.list({ prefix: `${account}/` })).objects.length

async function give(viewer: Viewer): Promise<string> {
  const hash = toBase64Url(crypto.getRandomValues(new Uint8Array(32)))
  await accountOf(viewer).setPicture(hash, new Uint8Array([1, 2, 3]))
  return hash
}

/** All that the account's object stores, by table. */
const rowsOfAccount = (viewer: Viewer) =>
  runInDurableObject(accountOf(viewer), (_, { storage }) => {
    const tables = storage.sql
      .exec("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'")
      .toArray()
      .map(({ name }) => String(name))
      .filter((name) => !name.startsWith('sqlite_'))
    return Object.fromEntries(
      tables.map((name) => [name, storage.sql.exec(`SELECT * FROM ${name}`).toArray()]),
    )
  })

/** The tables of an account that has ended, until they go, too. */
const GRAVE = ['account', 'revocations', 'standing', 'tellings', 'visits']

describe('GET /account/export', () => {
  it('tells the owner everything that is known, and nothing of anybody else', async () => {
    const [address, room] = [newAddress(), newRoom()]
    const viewer = await signIn(address)
    const other = await signIn(address)
    const avatar = await give(viewer)
    await ticketFor(other, room)
    const response = await authed(viewer, 'GET', '/account/export')
    expect(response.headers.get('Cache-Control')).toBe('no-store')
    const text = await response.text()
    const exported = accountExportSchema.parse(JSON.parse(text))
    expect(exported).toMatchObject({
      accountId: viewer.account,
      displayName: viewer.displayName,
      rooms: [{ room, device: other.device.id, until: expect.any(String) }],
      parts: {
        picture: { avatar, webp: 'AQID' },
        twitch: null,
        name: [{ name: viewer.displayName, state: 'held' }],
      },
    })
    expect(exported.devices.map(({ device, current }) => [device, current])).toEqual([
      [viewer.device.id, true],
      [other.device.id, false],
    ])
    expect(exported.addresses).toHaveLength(1)
    // The address itself is not known, and keys and secrets are nobody's to export.
    for (const secret of [address, env.PEPPER, viewer.accessToken]) expect(text).not.toContain(secret)
  })

  it('is complete: no table of the account is left out', async () => {
    const [viewer, lost, login, channel] = [await signIn(), newName(), newLogin(), newLogin()]
    await give(viewer)
    await ticketFor(viewer, newRoom())
    await accountOf(viewer).loseName(nameFolds(lost))
    await linkTwitch(viewer, login)
    await atTwitch('moderates', login, channel)
    await authed(viewer, 'GET', `/rooms/${channel}/role`)
    await beginTwitch(viewer)
    const rows = await rowsOfAccount(viewer)
    const account = ['account', 'claims', 'lost_names', 'devices', 'platforms', 'mailboxes', 'visits']
    const twitch = ['twitch_link', 'twitch_claims', 'twitch_attempts', 'twitch_channels', 'twitch_moderated']
    const told = [...account, ...twitch, 'pictures', 'standing']
    // When something happened, for pacing; what others are to hear; until when something is remembered.
    const pacing = ['spent', 'pace', 'renames', 'picture_uploads']
    const uninteresting = [...pacing, 'revocations', 'tellings', 'twitch_moderated_until']
    // Sealed tokens, whose number is told.
    const secret = ['twitch_leftovers']
    const known = [...told, ...uninteresting, ...secret]
    expect(Object.keys(rows).filter((name) => !known.includes(name))).toEqual([])
    const text = await (await authed(viewer, 'GET', '/account/export')).text()
    const { parts } = accountExportSchema.parse(JSON.parse(text))
    expect(parts.name).toContainEqual({ key: nameFolds(lost)[0], state: 'lost', until: expect.any(String) })
    expect(parts.twitch).toEqual({
      link: expect.objectContaining({ login, state: 'linked', userId: await twitchIdOf(login) }),
      claims: [expect.objectContaining({ state: 'held' })],
      attempts: [{ device: viewer.device.id, redirect: REDIRECT, expiresAt: expect.any(Number) }],
      channels: [{ login: channel, channel: await twitchIdOf(channel), until: expect.any(Number) }],
      moderated: [await twitchIdOf(channel)],
      leftovers: 0,
    })
    const [link] = rows.twitch_link ?? []
    const [attempt] = rows.twitch_attempts ?? []
    for (const hidden of [link?.tokens, attempt?.nonce, attempt?.verifier]) {
      expect(hidden).toEqual(expect.any(String))
      expect(text).not.toContain(String(hidden))
    }
  })

  it('holds channels and roles no longer than they count', async () => {
    const [viewer, login, channel] = [await signIn(), newLogin(), newLogin()]
    await linkTwitch(viewer, login)
    await atTwitch('moderates', login, channel)
    await authed(viewer, 'GET', `/rooms/${channel}/role`)
    // Whatever else there is to do is done before; what was due when the alarm rang makes it ring once more.
    atTime(Date.now() + ROLE_CACHE_MS / 2)
    for (const _ of [1, 2]) await runDurableObjectAlarm(accountOf(viewer))
    expect((await rowsOfAccount(viewer)).twitch_channels).toHaveLength(1)
    atTime(Date.now() + ROLE_CACHE_MS / 2 + 1_000)
    const alarm = await runInDurableObject(accountOf(viewer), (_, { storage }) => storage.getAlarm())
    expect(alarm ?? Number.POSITIVE_INFINITY).toBeLessThan(Date.now())
    await runDurableObjectAlarm(accountOf(viewer))
    const rows = await rowsOfAccount(viewer)
    expect([rows.twitch_channels, rows.twitch_moderated, rows.twitch_moderated_until]).toEqual([[], [], []])
    expect(rows.twitch_link).toHaveLength(1)
  })

  it('is the owner’s alone', async () => {
    const viewer = await signIn()
    const stranger = await newDevice()
    expect((await authed({ ...viewer, device: stranger }, 'GET', '/account/export')).status).toBe(401)
  })
})

describe('DELETE /account', () => {
  it('signs every device out, sends it from its rooms, and lets nobody back', async () => {
    const [address, room] = [newAddress(), newRoom()]
    const viewer = await signIn(address)
    const other = await signIn(address)
    const ann = await join(await signIn(), room)
    const sockets = [await join(viewer, room), await join(other, room)]
    expect((await end(viewer)).status).toBe(204)
    for (const { closed } of sockets) expect(await closed).toMatchObject({ code: SocketClose.revoked })
    await until(() => ann.inbox.some(({ t }) => t === 'revoked'))
    for (const device of [viewer, other]) {
      expect(await codeOf(await authed(device, 'POST', '/passport'))).toBe('device_refused')
      expect(await codeOf(await askToken(device.device, viewer.account))).toBe('device_refused')
      expect(await codeOf(await authed(device, 'GET', '/account/export'))).toBe('device_refused')
    }
  })

  it('leaves nothing of it: not in its object, nor the bucket, nor at the address', async () => {
    const [address, room] = [newAddress(), newRoom()]
    const viewer = await signIn(address)
    await give(viewer)
    await ticketFor(viewer, room)
    await end(viewer)
    expect(await pictures(viewer)).toBe(0)
    const left = await rowsOfAccount(viewer)
    expect(Object.keys(left).sort()).toEqual(GRAVE)
    expect([left.visits, left.revocations, left.tellings]).toEqual([[], [], []])
    expect((await rowsIn(address)).owner).toBeUndefined()
    atTime(Date.now() + DAY_MS + 1_000)
    expect(await runDurableObjectAlarm(accountOf(viewer))).toBe(true)
    expect(await rowsOfAccount(viewer)).toEqual({})
    expect(await runDurableObjectAlarm(accountOf(viewer))).toBe(false)
    const claim = await rowsOf(viewer.displayName)
    expect(claim).toMatchObject([{ owner: viewer.account, until: expect.any(Number) }])
    expect(Number(claim[0]?.until)).toBeGreaterThan(Date.now() + NAME_HOLD_MS - 2 * DAY_MS)
  })

  it('lets the address start anew, under another id and another name', async () => {
    const address = newAddress()
    const before = await signIn(address)
    await end(before)
    const after = await signIn(address)
    expect(after.account).not.toBe(before.account)
    expect(after.displayName).not.toBe(before.displayName)
    // The name stays taken for a while, so that nobody passes for who left.
    const taken = await authed(after, 'PUT', '/user/display-name', {
      body: { displayName: before.displayName },
    })
    expect(await codeOf(taken)).toBe('name_taken')
    atTime(Date.now() + DAY_MS + 1_000)
    await runDurableObjectAlarm(accountOf(before))
    expect((await signIn(address)).account).toBe(after.account)
  })

  it('goes on after a crash at any step', async () => {
    const steps = [
      () => vi.spyOn(AccountPicture.prototype, 'erase'),
      () => vi.spyOn(NameShard.prototype, 'retire'),
      () => vi.spyOn(Mailbox.prototype, 'disown'),
    ]
    for (const step of steps) {
      const address = newAddress()
      const viewer = await signIn(address)
      await give(viewer)
      const failing = step().mockRejectedValue(new Error('away'))
      expect((await end(viewer)).status).toBe(204)
      expect(failing).toHaveBeenCalled()
      expect(await codeOf(await askToken(viewer.device, viewer.account))).toBe('device_refused')
      failing.mockRestore()
      await evictDurableObject(accountOf(viewer))
      atTime(Date.now() + ENDING_RETRY_MS + 1)
      expect(await runDurableObjectAlarm(accountOf(viewer))).toBe(true)
      expect(await pictures(viewer)).toBe(0)
      expect(Object.keys(await rowsOfAccount(viewer)).sort()).toEqual(GRAVE)
      expect((await signIn(address)).account).not.toBe(viewer.account)
      vi.useRealTimers()
    }
  })

  it('does not let in who signs in while it is still ending', async () => {
    const address = newAddress()
    const viewer = await signIn(address)
    vi.spyOn(Mailbox.prototype, 'disown').mockRejectedValue(new Error('away'))
    await end(viewer)
    const again = await signIn(address)
    expect(again.account).not.toBe(viewer.account)
    vi.restoreAllMocks()
    // The late disowning must not take the new account from the address.
    await (await mailboxOf(address)).disown(viewer.account)
    expect((await signIn(address)).account).toBe(again.account)
  })

  it('keeps telling rooms, and its own grave until they know', async () => {
    const room = newRoom()
    const viewer = await signIn()
    const sockets = await join(viewer, room)
    const tell = vi.spyOn(AccountRooms.prototype, 'tell').mockResolvedValue()
    await end(viewer)
    expect(sockets.socket.readyState).toBe(WebSocket.OPEN)
    atTime(Date.now() + DAY_MS + 1_000)
    await runDurableObjectAlarm(accountOf(viewer))
    expect((await rowsOfAccount(viewer)).tellings).toHaveLength(1)
    tell.mockRestore()
    expect(await runDurableObjectAlarm(accountOf(viewer))).toBe(true)
    await sockets.closed
  })

  it('cannot be undone by what was let in before', async () => {
    const viewer = await signIn()
    const stub = accountOf(viewer)
    await end(viewer)
    const { account, device } = viewer
    await runInDurableObject(stub, async (instance: Account) => {
      const added = { account, device: device.id, seal: device.seal }
      await expect(instance.register(added)).rejects.toThrow()
      await expect(instance.rename('LateGrebe')).rejects.toThrow()
      await expect(instance.setPicture('x', new Uint8Array(1))).rejects.toThrow()
    })
    expect(await stub.visit({ device: viewer.device.id, room: 'twitch:late' })).toEqual({
      outcome: 'device-refused',
    })
    expect(await stub.holdOf('anything')).toBe('none')
    expect(await stub.standing()).toBe('ended')
  })
})

describe('an account that is suspended', () => {
  it('gets nothing and leaves its rooms, until it is let in again', async () => {
    const [address, room] = [newAddress(), newRoom()]
    const viewer = await signIn(address)
    const sockets = await join(viewer, room)
    const ticket = await ticketFor(viewer, room)
    expect(await accountOf(viewer).setSuspended(true)).toBe(true)
    expect(await sockets.closed).toMatchObject({ code: SocketClose.revoked })
    for (const [method, path] of [
      ['POST', '/passport'],
      ['POST', `/rooms/${room}/ticket`],
      ['GET', '/account/export'],
    ] as const)
      expect(await codeOf(await authed(viewer, method, path))).toBe('account_suspended')
    const token = await askToken(viewer.device, viewer.account)
    expect(token.status).toBe(403)
    expect(await codeOf(token)).toBe('account_suspended')
    const device = await newDevice()
    await askCode(address, device)
    expect(await codeOf(await tryCode(address, mailedCode(address), device))).toBe('account_suspended')
    // Also the ticket from before is worth nothing, now and later.
    expect(await codeOf(await openSocket(room, ticket))).toBe('ticket_refused')

    await accountOf(viewer).setSuspended(false)
    expect(await codeOf(await openSocket(room, ticket))).toBe('ticket_refused')
    await join(viewer, room)
    expect((await authed(viewer, 'POST', '/passport')).status).toBe(200)
  })

  it('tells nobody but its own devices', async () => {
    const viewer = await signIn()
    await accountOf(viewer).setSuspended(true)
    expect(await codeOf(await askToken(await newDevice(), viewer.account))).toBe('device_refused')
  })
})
