import { evictDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { decodeJwt } from 'jose'
import { describe, expect, it } from 'vitest'
import { fromBase64Url } from '../../protocol/bytes'
import { networkBucketSchema } from '../../protocol/room-socket'
import { introduce, join, type MemberSocket, newRoom } from './support/socket'
import { signIn, ticketFor, type Viewer } from './support/viewer'

const from = (address: string) => ({ 'CF-Connecting-IP': address })

async function namedTo(socket: MemberSocket) {
  socket.socket.send(introduce)
  const message = await socket.next()
  if (message.t !== 'introduced') throw new Error(`a ${message.t}`)
  return new Map(message.members.map(({ device, bucket }) => [device, bucket]))
}

/** The bucket of each of these addresses in `room`, by what is said of those who come from there. */
async function bucketsIn(room: string, addresses: readonly string[]) {
  const members: Viewer[] = []
  for (const address of addresses) {
    const viewer = await signIn()
    await (await join(viewer, room, from(address))).next()
    members.push(viewer)
  }
  const asker = await join(await signIn(), room)
  const welcome = await asker.next()
  if (welcome.t !== 'welcome') throw new Error(`a ${welcome.t}`)
  const first = new Map(welcome.members.map(({ device, bucket }) => [device, bucket]))
  await evictDurableObject(env.ROOMS.getByName(room))
  expect(await namedTo(asker)).toEqual(first)
  return members.map(({ device }) => first.get(device.id))
}

describe('the bucket of a network', () => {
  it('is that of its /24 or /48, in each introduction, and the same after hibernation', async () => {
    const buckets = await bucketsIn(newRoom(), [
      '203.0.113.5',
      '203.0.113.250',
      '203.0.114.5',
      '::ffff:203.0.113.9',
      '2001:db8:7:1::5',
      '2001:DB8:7:ffff::9',
      '2001:db8:8::5',
    ])
    const [first, , second, , third, , fourth] = buckets
    expect(buckets).toEqual([first, first, second, first, third, third, fourth])
    expect(new Set(buckets).size).toBe(4)
    for (const bucket of buckets) expect(networkBucketSchema.safeParse(bucket).success).toBe(true)
  })

  it('is one for all of whom the network is not known', async () => {
    const buckets = await bucketsIn(newRoom(), ['', 'unknown', 'somewhere', '203.0.113.5'])
    const [unknown, , , known] = buckets
    expect(buckets).toEqual([unknown, unknown, unknown, known])
    expect(known).not.toBe(unknown)
  })

  it('cannot be matched with that of another room', async () => {
    const addresses = ['203.0.113.5', '2001:db8:7::1', '']
    const [here, there] = [await bucketsIn(newRoom(), addresses), await bucketsIn(newRoom(), addresses)]
    expect(new Set([...here, ...there]).size).toBe(2 * addresses.length)
  })

  it('is all that a ticket says of the network', async () => {
    const ticket = await ticketFor(await signIn(), newRoom(), from('203.0.113.5'))
    const claims = decodeJwt(ticket)
    expect(Object.keys(claims).toSorted()).toEqual([
      'aud',
      'bucket',
      'device',
      'exp',
      'iss',
      'jti',
      'room',
      'sub',
      'ver',
    ])
    expect(fromBase64Url(String(claims.bucket))).toHaveLength(8)
    expect(JSON.stringify(claims)).not.toContain('203.0')
  })
})
