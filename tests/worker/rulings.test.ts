import { evictDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { importJWK, SignJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { MAX_CLOCK_AHEAD_MS, MAX_RULINGS, ROLE_GRANT_LIFETIME_MS, RULING_PACE } from '../../protocol/limits'
import { messageId, type SignedBytes } from '../../protocol/message'
import { ROLE_GRANT_TYPE } from '../../protocol/role'
import { SocketClose, type ToMember } from '../../protocol/room-socket'
import { decodeRuling } from '../../protocol/ruling'
import { atTime } from './support/clock'
import { newRuler, passportOf, type Ruler, remembered, rule, ruled, settled, signerOf } from './support/ruler'
import { introduce, join, membersOf, newRoom, until } from './support/socket'
import { linkTwitch, newLogin } from './support/twitch'
import { authed, refreshed, signIn, type Viewer } from './support/viewer'

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

async function newLinked(): Promise<Viewer> {
  const viewer = await signIn()
  await linkTwitch(viewer, newLogin())
  return viewer
}

const kindsIn = (inbox: readonly ToMember[]) => inbox.map(({ t }) => t)

describe('a room for linked accounts only', () => {
  it('tells everybody, and ends the sockets of the others', async () => {
    const { viewer, room, ruling } = await newRuler()
    const [beas, lins, unas] = [
      await join(viewer, room),
      await join(await newLinked(), room),
      await join(await signIn(), room),
    ]
    const made = await ruling()
    beas.socket.send(rule(made))
    for (const socket of [beas, lins, unas]) expect(await ruled(socket)).toEqual(made)
    expect(await unas.closed).toEqual({ code: SocketClose.unlinked, reason: 'not linked' })
    expect([beas, lins].map(({ socket }) => socket.readyState)).toEqual([WebSocket.OPEN, WebSocket.OPEN])
    beas.socket.send(introduce)
    const introduced = await until(() => beas.inbox.findLast(({ t }) => t === 'introduced'))
    expect(membersOf(introduced)).toHaveLength(1)
  })

  it('refuses them from then on, says why, and names nobody to them', async () => {
    const { viewer, room, ruling } = await newRuler()
    const beas = await join(viewer, room)
    const made = await ruling()
    beas.socket.send(rule(made))
    await ruled(beas)
    const unas = await join(await signIn(), room)
    expect(await unas.closed).toEqual({ code: SocketClose.unlinked, reason: 'not linked' })
    expect(unas.inbox).toEqual([{ t: 'ruled', ...made }])
    const lins = await join(await newLinked(), room)
    expect(await lins.next()).toMatchObject({ t: 'welcome', members: [{ device: viewer.device.id }] })
    expect(await ruled(lins)).toEqual(made)
  })

  it('is one although it slept, and although nobody was there', async () => {
    const { viewer, room, ruling } = await newRuler()
    const beas = await join(viewer, room)
    beas.socket.send(rule(await ruling()))
    await ruled(beas)
    const stub = env.ROOMS.getByName(room)
    await evictDurableObject(stub)
    const first = await join(await signIn(), room)
    expect(await first.closed).toMatchObject({ code: SocketClose.unlinked })
    beas.socket.close(1000, 'bye')
    await beas.closed
    await evictDurableObject(stub)
    const second = await join(await signIn(), room)
    expect(await second.closed).toMatchObject({ code: SocketClose.unlinked })
    // Sockets survive sleep: they are still known to be linked.
    const lins = await join(await newLinked(), room)
    await ruled(lins)
    await evictDurableObject(stub)
    lins.socket.send(introduce)
    await until(() => lins.inbox.some(({ t }) => t === 'introduced'))
  })

  it('lets everybody in again when that is decided', async () => {
    const { viewer, room, ruling } = await newRuler()
    const beas = await join(viewer, room)
    beas.socket.send(rule(await ruling()))
    await ruled(beas)
    const off = await ruling({ on: false, ms: Date.now() + 1 })
    beas.socket.send(rule(off))
    expect(await ruled(beas)).toEqual(off)
    const unas = await join(await signIn(), room)
    expect(await unas.next()).toMatchObject({ t: 'welcome' })
    // All that is remembered, the newest first.
    expect(await ruled(unas)).toEqual(off)
    await ruled(unas)
  })

  it('lets somebody in as soon as their account is linked', async () => {
    const { viewer, room, ruling } = await newRuler()
    const beas = await join(viewer, room)
    beas.socket.send(rule(await ruling()))
    await ruled(beas)
    const una = await signIn()
    await (await join(una, room)).closed
    await linkTwitch(una, newLogin())
    const unas = await join(await refreshed(una), room)
    expect(await unas.next()).toMatchObject({ t: 'welcome' })
    await settled(unas)
    expect(unas.socket.readyState).toBe(WebSocket.OPEN)
  })

  it('is told by any member that knows of it, once', async () => {
    const { room, ruling } = await newRuler()
    const [anns, bens] = [await join(await newLinked(), room), await join(await newLinked(), room)]
    const made = await ruling()
    anns.socket.send(rule(made))
    expect(await ruled(bens)).toEqual(made)
    bens.socket.send(rule(made))
    bens.socket.send(rule(made))
    await settled(bens)
    expect(kindsIn(bens.inbox)).not.toContain('ruled')
    expect(await remembered(room)).toBe(1)
  })
})

describe('a ruling that does not hold', () => {
  const sign = async (claims: object, typ = ROLE_GRANT_TYPE) => {
    const [jwk] = (JSON.parse(env.SIGNING_KEYS) as { keys: Record<string, string>[] }).keys
    const key = await importJWK({ ...jwk }, 'EdDSA')
    return new SignJWT({ ...claims }).setProtectedHeader({ alg: 'EdDSA', typ, kid: 'test' }).sign(key)
  }
  const grant = (account: string, room: string, agoMs = 0) => {
    const iat = Math.floor((Date.now() - agoMs) / 1000)
    const exp = iat + ROLE_GRANT_LIFETIME_MS / 1000
    return sign({ sub: account, room, channel: '1', role: 'moderator', iat, exp })
  }
  type Make = (ruler: Ruler, other: Viewer) => Promise<SignedBytes>
  const bad: [string, Make][] = [
    [
      'a grant that has expired',
      async ({ viewer, room, ruling }) =>
        ruling({ role: await grant(viewer.account, room, ROLE_GRANT_LIFETIME_MS + 1_000) }),
    ],
    [
      'a grant of another account',
      async ({ room, ruling }, other) => ruling({ role: await grant(other.account, room) }),
    ],
    [
      'a grant of another room',
      async ({ viewer, ruling }) => ruling({ role: await grant(viewer.account, newRoom()) }),
    ],
    ['a passport for a grant', async ({ viewer, ruling }) => ruling({ role: await passportOf(viewer) })],
    [
      'a passport of somebody else',
      async ({ ruling }, other) => ruling({ passport: await passportOf(other) }),
    ],
    ['another signature', ({ ruling }, other) => ruling({}, { signer: signerOf(other) })],
    ['a signature of something else', ({ ruling }) => ruling({}, { kind: 'presence' })],
    ['another room', ({ ruling }) => ruling({ room: 'twitch:somewhere_else' })],
    [
      'another room, of which it holds',
      async ({ viewer, ruling }) =>
        ruling({
          room: 'twitch:somewhere_else',
          role: await grant(viewer.account, 'twitch:somewhere_else'),
        }),
    ],
    ['a time to come', ({ ruling }) => ruling({ ms: Date.now() + MAX_CLOCK_AHEAD_MS + 5_000 })],
    ['no sense', async () => ({ bytes: new Uint8Array([1, 2, 3]), sig: new Uint8Array(64) })],
  ]

  it.each(bad)('is ignored: %s', async (_, make) => {
    const ruler = await newRuler()
    const una = await signIn()
    const unas = await join(una, ruler.room)
    unas.socket.send(rule(await make(ruler, una)))
    await settled(unas)
    expect(kindsIn(unas.inbox)).not.toContain('ruled')
    expect(unas.socket.readyState).toBe(WebSocket.OPEN)
    expect(await remembered(ruler.room)).toBe(0)
  })

  it('is told from one that does', async () => {
    const ruler = await newRuler()
    const unas = await join(await signIn(), ruler.room)
    const role = await grant(ruler.viewer.account, ruler.room, ROLE_GRANT_LIFETIME_MS - 60_000)
    unas.socket.send(rule(await ruler.ruling({ role })))
    expect(await unas.closed).toMatchObject({ code: SocketClose.unlinked })
  })

  it('any more, because its passport had been revoked, is forgotten, and not taken again', async () => {
    const { viewer, room, ruling } = await newRuler()
    const beas = await join(viewer, room)
    const bens = await join(await newLinked(), room)
    const soon = await ruling({ ms: Date.now() + 10_000 })
    beas.socket.send(rule(soon))
    await ruled(beas)
    await authed(viewer, 'DELETE', `/devices/${viewer.device.id}`)
    await beas.closed
    expect(await remembered(room)).toBe(0)
    const una = await join(await signIn(), room)
    expect(await una.next()).toMatchObject({ t: 'welcome' })
    bens.socket.send(rule(soon))
    await settled(bens)
    expect(await remembered(room)).toBe(0)
    // One from before that stays what it was.
    const before = await ruling({ ms: Date.now() - 5_000 })
    bens.socket.send(rule(before))
    expect(await ruled(bens)).toEqual(soon)
    expect(await ruled(bens)).toEqual(before)
  })
})

describe('rulings without end', () => {
  it('are looked at no more often than anybody has to decide, and the newest are remembered', async () => {
    const { viewer, room, ruling } = await newRuler()
    const beas = await join(viewer, room)
    const lins = await join(await newLinked(), room)
    const now = Date.now()
    atTime(now)
    const all: SignedBytes[] = []
    for (let n = 0; n < RULING_PACE.burst + 80; n++) all.push(await ruling({ ms: now + n, on: n % 2 === 0 }))
    for (const [n, signed] of all.entries()) {
      beas.socket.send(rule(signed))
      atTime(now + n * 1_000)
      await scheduler.wait(5)
    }
    await settled(lins)
    const told = lins.inbox.filter(({ t }) => t === 'ruled').length
    // One comes back each two seconds.
    expect(told).toBeGreaterThanOrEqual(RULING_PACE.burst)
    expect(told).toBeLessThan(RULING_PACE.burst + 80)
    expect(await remembered(room)).toBe(MAX_RULINGS)
    const late = await join(await newLinked(), room)
    await until(() => late.inbox.filter(({ t }) => t === 'ruled').length === MAX_RULINGS)
    const stamps = late.inbox.flatMap((m) => (m.t === 'ruled' ? decodeRuling(m.bytes).ms : []))
    expect(stamps).toEqual(stamps.toSorted((a, b) => b - a))
    expect(new Set(await Promise.all(all.map(({ bytes }) => messageId(bytes)))).size).toBe(all.length)
  })

  it('end the socket that brings them faster than it may say anything', async () => {
    const { viewer, room, ruling } = await newRuler()
    const beas = await join(viewer, room)
    atTime(Date.now())
    const signed = await ruling()
    for (let n = 0; n < 10; n++) beas.socket.send(rule(signed))
    expect(await beas.closed).toMatchObject({ code: SocketClose.rateLimited })
  })
})
