import { evictDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import type { ToMember } from '../../protocol/room-socket'
import { introduce, join, type MemberSocket, newRoom, terms } from './support/socket'
import { signIn } from './support/viewer'

const termsIn = (message: ToMember) =>
  'members' in message ? message.members.map(({ device, direct }) => ({ device, direct })) : message

/** What the room says of others to whoever asks. */
async function introduced(socket: MemberSocket) {
  socket.socket.send(introduce)
  return termsIn(await socket.next())
}

describe('terms', () => {
  it('are given with introductions: no, until a member says yes, and as said last', async () => {
    const room = newRoom()
    const [ann, bob] = [await signIn(), await signIn()]
    const [anns, bobs] = [await join(ann, room), await join(bob, room)]
    await anns.next()
    expect(await bobs.next()).toMatchObject({ members: [{ device: ann.device.id, direct: false }] })
    for (const direct of [true, true, false]) {
      anns.socket.send(terms(direct))
      // Answered after the terms were: the object handles a socket's messages in order.
      await introduced(anns)
      expect(await introduced(bobs)).toEqual([{ device: ann.device.id, direct }])
    }
    // Terms are answered with nothing.
    expect(anns.inbox).toEqual([])
  })

  it('reach newcomers with their welcome, and survive hibernation', async () => {
    const room = newRoom()
    const [ann, bob, cem] = [await signIn(), await signIn(), await signIn()]
    const [anns, bobs] = [await join(ann, room), await join(bob, room)]
    anns.socket.send(terms(true))
    await anns.next()
    await introduced(anns)
    await evictDurableObject(env.ROOMS.getByName(room))
    const cems = await join(cem, room)
    const told = termsIn(await cems.next())
    expect(told).toHaveLength(2)
    expect(told).toContainEqual({ device: ann.device.id, direct: true })
    expect(told).toContainEqual({ device: bob.device.id, direct: false })
    await bobs.next()
    await evictDurableObject(env.ROOMS.getByName(room))
    anns.socket.send(terms(false))
    await introduced(anns)
    await evictDurableObject(env.ROOMS.getByName(room))
    expect(await introduced(bobs)).toContainEqual({ device: ann.device.id, direct: false })
  })

  it('are a socket’s: whoever comes again says them again', async () => {
    const room = newRoom()
    const [ann, bob] = [await signIn(), await signIn()]
    const bobs = await join(bob, room)
    await bobs.next()
    const first = await join(ann, room)
    await first.next()
    first.socket.send(terms(true))
    await introduced(first)
    await (await join(ann, room)).next()
    expect(await introduced(bobs)).toEqual([{ device: ann.device.id, direct: false }])
  })
})
