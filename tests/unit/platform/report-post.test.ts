import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { tellOperator } from '../../../platform/report-post'
import { fromBase64Url } from '../../../protocol/bytes'
import { z } from '../../../protocol/schema'

const signed = { bytes: new Uint8Array([1, 2, 3]), sig: new Uint8Array(64).fill(7) }
let server: Server | undefined

/** A Worker that answers every request alike, and what it was asked. */
async function workerThatSays(status: number, body: string) {
  const asked: { path: string; body: unknown; cookie: string | undefined; referrer: string | undefined }[] =
    []
  const started = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      asked.push({
        path: `${request.method} ${request.url}`,
        body: JSON.parse(Buffer.concat(parts).toString() || 'null'),
        cookie: request.headers.cookie,
        referrer: request.headers.referer,
      })
      // Whoever were to follow a redirection would find that all is well.
      response.writeHead(request.url === '/reports' ? status : 200, {
        'Content-Type': 'application/json',
        ...(status === 302 && { Location: '/' }),
      })
      response.end(body)
    })
  })
  server = started
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve))
  const { port } = z.object({ port: z.int() }).parse(started.address() satisfies AddressInfo | string | null)
  vi.stubGlobal('__WORKER_ORIGIN__', `http://127.0.0.1:${port}`)
  return asked
}

afterEach(async () => {
  vi.unstubAllGlobals()
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)))
  server = undefined
})

test('brings the signed report and nothing of the viewer', async () => {
  const asked = await workerThatSays(201, '{}')
  expect(await tellOperator(signed)).toEqual({ to: 'operator' })
  expect(asked).toHaveLength(1)
  const [{ path, body, cookie, referrer } = { path: '', body: {} }] = asked
  expect([path, cookie, referrer]).toEqual(['POST /reports', undefined, undefined])
  const { report, sig } = z.strictObject({ report: z.string(), sig: z.string() }).parse(body)
  expect(fromBase64Url(report)).toEqual(signed.bytes)
  expect(fromBase64Url(sig)).toEqual(signed.sig)
})

test.each([
  [429, '{"code":"rate_limited"}', 'rate_limited'],
  [422, '{"code":"report_refused"}', 'report_refused'],
  [500, '{"code":"something else"}', 'internal'],
  [502, '<html>', 'network'],
  // Nobody else gets it.
  [302, '', 'network'],
])('says why the Worker has not got it: %d %s', async (status, body, failed) => {
  await workerThatSays(status, body)
  expect(await tellOperator(signed)).toEqual({ failed })
})

test('says that the Worker is away', async () => {
  vi.stubGlobal('__WORKER_ORIGIN__', 'http://127.0.0.1:9')
  expect(await tellOperator(signed)).toEqual({ failed: 'network' })
})
