import type { ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { providerOver } from '../../../platform/ask-provider'
import { type Providers, startProviders } from '../../fixtures/emotes/providers'

const PATH = '/v1/set/global'
const ask = providerOver(100_000, 5_000)
const never = new AbortController().signal

let providers: Providers
let url: string
beforeEach(async () => {
  providers = await startProviders()
  url = `http://127.0.0.1:${providers.port}${PATH}`
})
afterEach(() => providers.stop())

const answering = (fault: (response: ServerResponse) => void) => providers.fail(PATH, fault)

it('brings what there is, with its ETag, and hears that nothing has changed', async () => {
  const answer = await ask(url, undefined, never)
  expect(answer).toMatchObject({ t: 'set', body: { default_sets: [3, 1_539_687] }, etag: expect.any(String) })
  expect(await ask(url, answer.t === 'set' ? answer.etag : undefined, never)).toEqual({ t: 'same' })
  expect(providers.asked.map(({ referrer }) => referrer)).toEqual([undefined, undefined])
})

it('knows a set that is not there from a provider that is not', async () => {
  expect(await ask(`${url}/nobody`, undefined, never)).toEqual({ t: 'none' })
  await providers.stop()
  expect(await ask(url, undefined, never)).toEqual({ t: 'failed', provider: true })
  providers = await startProviders()
})

describe('fails for', () => {
  it.each([500, 502, 503])('status %i, all of the provider', async (status) => {
    answering((response) => response.writeHead(status).end('{}'))
    expect(await ask(url, undefined, never)).toEqual({ t: 'failed', provider: true })
  })

  it.each([400, 401, 403, 410])('status %i, this set alone', async (status) => {
    answering((response) => response.writeHead(status).end('{}'))
    expect(await ask(url, undefined, never)).toEqual({ t: 'failed', provider: false })
  })

  it('a provider that asks for patience, as long as it says', async () => {
    answering((response) => response.writeHead(429, { 'Retry-After': '120' }).end())
    expect(await ask(url, undefined, never)).toEqual({ t: 'failed', provider: true, retryAfterMs: 120_000 })
    answering((response) => response.writeHead(429, { 'Retry-After': 'tomorrow' }).end())
    expect(await ask(url, undefined, never)).toEqual({ t: 'failed', provider: true })
  })

  it('JSON that ends in the middle, and what is none', async () => {
    answering((response) => response.writeHead(200).end('{"default_sets":[3],"sets":{"3":{"emot'))
    expect(await ask(url, undefined, never)).toEqual({ t: 'failed', provider: false })
    answering((response) => response.writeHead(200).end('<!doctype html>'))
    expect(await ask(url, undefined, never)).toEqual({ t: 'failed', provider: false })
    answering((response) => response.writeHead(200).end())
    expect(await ask(url, undefined, never)).toEqual({ t: 'failed', provider: false })
  })

  it('a connection that breaks off in the middle', async () => {
    answering((response) => {
      response.writeHead(200, { 'Content-Length': '1000' }).write('{"default_sets"')
      setImmediate(() => response.destroy())
    })
    expect(await ask(url, undefined, never)).toMatchObject({ t: 'failed' })
  })

  it('an answer that says it is too long, without reading it', async () => {
    answering((response) => response.writeHead(200, { 'Content-Length': '100001' }).write('['))
    expect(await ask(url, undefined, never)).toEqual({ t: 'failed', provider: false })
  })

  it('an answer that is too long and does not say so, before its end', async () => {
    let sent = 0
    let ended = false
    answering((response) => {
      response.writeHead(200)
      response.once('close', () => {
        ended = true
      })
      const more = () => {
        // An endless answer would never be over.
        while (!ended && sent < 50_000_000) {
          sent += 10_000
          if (!response.write(' '.repeat(10_000))) return void response.once('drain', more)
        }
        response.end()
      }
      more()
    })
    expect(await ask(url, undefined, never)).toEqual({ t: 'failed', provider: false })
    await expect.poll(() => ended).toBe(true)
    expect(sent).toBeLessThan(50_000_000)
  })

  it('a redirection, which is not followed', async () => {
    answering((response) => response.writeHead(302, { Location: '/v1/room/elsewhere' }).end())
    expect(await ask(url, undefined, never)).toEqual({ t: 'failed', provider: true })
    expect(providers.asked.map(({ path }) => path)).toEqual([PATH])
  })

  it('an answer that does not come, or not on', async () => {
    const impatient = providerOver(100_000, 50)
    answering(() => {})
    expect(await impatient(url, undefined, never)).toEqual({ t: 'failed', provider: true })
    answering((response) => response.writeHead(200).write('['))
    expect(await impatient(url, undefined, never)).toEqual({ t: 'failed', provider: true })
  })
})

it('is called off', async () => {
  const consent = new AbortController()
  answering(() => consent.abort())
  expect(await ask(url, undefined, consent.signal)).toMatchObject({ t: 'failed' })
  const before = providers.asked.length
  await ask(url, undefined, consent.signal)
  expect(providers.asked).toHaveLength(before)
})
