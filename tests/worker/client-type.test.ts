import { hc } from 'hono/client'
import { describe, expect, expectTypeOf, it } from 'vitest'
import type { App } from '../../worker/app'
import { newDevice } from './support/device'
import { call, newAddress } from './support/worker'

/** The client that the extension builds, wired to the Worker without a network. */
const client = hc<App>('https://sidestream.test', {
  fetch: async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(input, init)
    const body = request.body === null ? {} : { body: await request.text() }
    return call(request.method, new URL(request.url).pathname, body)
  },
})

describe('the typed client', () => {
  it('knows bodies and answers by their status', async () => {
    const { id } = await newDevice()
    const response = await client.auth.code.$post({ json: { email: newAddress(), device: id } })
    expect(response.ok).toBe(true)
    if (response.ok) {
      const body = await response.json()
      expectTypeOf(body).toEqualTypeOf<{ expiresAt: number }>()
      // @ts-expect-error: a field that the route does not answer
      expect(body.nothing).toBeUndefined()
    }
    const refused = await client.passport.$post()
    expect(refused.status).toBe(401)
    if (!refused.ok) expectTypeOf((await refused.json()).status).toEqualTypeOf<number>()
  })

  it('knows paths and parameters', () => {
    const url = client.rooms[':room'].socket.$url({ param: { room: 'twitch:cats' } })
    expect(url.pathname).toBe('/rooms/twitch:cats/socket')
    // @ts-expect-error: no such route
    expect(() => client.nothing.$get).not.toThrow()
  })
})
