import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { channelRoom } from '../../protocol/room-id'
import { networkBucket, networkPrefix, networkPseudonym } from '../../worker/network'

describe('a network', () => {
  it.each([
    ['203.0.113.9', '203.0.113'],
    ['::ffff:203.0.113.9', '203.0.113'],
    ['2001:db8:1:2::9', '2001:db8:1'],
    ['2001:0DB8:0001:ffff:1:2:3:4', '2001:db8:1'],
    ['2001:db8::1', '2001:db8:0'],
    ['::1', '0:0:0'],
    ['', 'local'],
    ['unknown', 'local'],
  ])('of %j is %j', (address, prefix) => {
    expect(networkPrefix(address)).toBe(prefix)
  })

  it('has a pseudonym per scope that tells nothing', async () => {
    const from = (address: string) =>
      new Request('https://x.test', { headers: { 'CF-Connecting-IP': address } })
    const name = (address: string, scope: string) => networkPseudonym(env.PEPPER, from(address), scope)
    const first = await name('203.0.113.9', 'a')
    expect(first).toMatch(/^[\w-]{16}$/)
    expect(await name('203.0.113.200', 'a')).toBe(first)
    expect(await name('203.0.114.9', 'a')).not.toBe(first)
    expect(await name('203.0.113.9', 'b')).not.toBe(first)
  })

  it('has a bucket in a room that is no part of a pseudonym', async () => {
    const room = channelRoom('a')
    const request = new Request('https://x.test', { headers: { 'CF-Connecting-IP': '203.0.113.9' } })
    const bucket = await networkBucket(env.PEPPER, request, room)
    const pseudonym = await networkPseudonym(env.PEPPER, request, room)
    expect(pseudonym.slice(0, 10)).not.toBe(bucket.slice(0, 10))
  })
})
