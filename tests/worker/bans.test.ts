import { evictDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fromBase64Url } from '../../protocol/bytes'
import { MAX_RULINGS_ASKED, SHORT_ID_BYTES } from '../../protocol/limits'
import { messageId } from '../../protocol/message'
import { encodeFromMember, SocketClose } from '../../protocol/room-socket'
import type { Act } from '../../protocol/ruling'
import { newRuler, remembered, rule, ruled, settled, signerOf } from './support/ruler'
import { join, until } from './support/socket'
import { signIn, type Viewer } from './support/viewer'

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
})
afterEach(() => vi.restoreAllMocks())

const about = ({ account }: Viewer) => ({ account, name: 'EveEagle77' })
const ban = (viewer: Viewer): Act => ({ act: 'ban', ...about(viewer), heard: [] })

describe('a room from which somebody is banned', () => {
  it('ends their sockets, tells everybody, and lets them in no more, also after it slept', async () => {
    const { viewer, room, decided } = await newRuler()
    const eve = await signIn()
    const [beas, eves, toms] = [
      await join(viewer, room),
      await join(eve, room),
      await join(await signIn(), room),
    ]
    const made = await decided(ban(eve))
    beas.socket.send(rule(made))
    for (const socket of [beas, eves, toms]) expect(await ruled(socket)).toEqual(made)
    expect((await eves.closed).code).toBe(SocketClose.banned)
    await settled(toms)
    expect(await remembered(room)).toBe(1)
    await evictDurableObject(env.ROOMS.getByName(room))
    const again = await join(eve, room)
    expect(await ruled(again)).toEqual(made)
    expect((await again.closed).code).toBe(SocketClose.banned)
    expect(again.inbox.map(({ t }) => t)).not.toContain('welcome')
  })

  it('lets them in again once that is undone, and of their time-outs nothing of the kind follows', async () => {
    const { viewer, room, decided } = await newRuler()
    const eve = await signIn()
    const beas = await join(viewer, room)
    beas.socket.send(rule(await decided(ban(eve))))
    await ruled(beas)
    beas.socket.send(rule(await decided({ act: 'unban', ...about(eve), heard: [], ms: Date.now() + 1 })))
    await ruled(beas)
    const eves = await join(eve, room)
    await until(() => eves.inbox.some(({ t }) => t === 'welcome'))
    const until10 = Date.now() + 600_000
    beas.socket.send(
      rule(await decided({ act: 'timeout', ...about(eve), heard: [], until: until10, ms: Date.now() + 2 })),
    )
    await ruled(eves)
    await settled(eves)
    // Of one account the last word is remembered.
    expect(await remembered(room)).toBe(1)
  })

  it('takes it from nobody without a role, and from no other hand', async () => {
    const { viewer, room, decided } = await newRuler()
    const eve = await signIn()
    const [beas, eves] = [await join(viewer, room), await join(eve, room)]
    for (const forged of [
      await decided(ban(viewer), signerOf(eve)),
      await decided({ ...ban(viewer), role: 'none' }),
    ])
      eves.socket.send(rule(forged))
    await settled(eves)
    expect(await remembered(room)).toBe(0)
    expect(beas.inbox.map(({ t }) => t)).not.toContain('ruled')
  })

  it('lists what it remembers, and tells what is asked for', async () => {
    const { viewer, room, decided } = await newRuler()
    const beas = await join(viewer, room)
    const made = await decided(ban(await signIn()))
    beas.socket.send(rule(made))
    await ruled(beas)
    const toms = await join(await signIn(), room)
    const list = await until(() => toms.inbox.find((message) => message.t === 'decided'))
    const short = fromBase64Url(await messageId(made.bytes)).subarray(0, SHORT_ID_BYTES)
    expect(list).toMatchObject({ ids: short })
    expect(toms.inbox.map(({ t }) => t)).not.toContain('ruled')
    const ids = new Uint8Array(SHORT_ID_BYTES * MAX_RULINGS_ASKED)
    ids.set(short)
    toms.socket.send(encodeFromMember({ t: 'tell', ids }))
    expect(await ruled(toms)).toEqual(made)
    for (let n = 0; n < 4; n++) toms.socket.send(encodeFromMember({ t: 'tell', ids: short }))
    expect((await toms.closed).code).toBe(SocketClose.rateLimited)
  })
})
