import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { decodeJwt } from 'jose'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { startControlPlane } from '../../../entrypoints/background/control'
import { ANN } from './stored'

const system = vi.hoisted(() => ({ os: 'linux' }))
vi.mock('webextension-polyfill', () => ({
  default: {
    runtime: {
      onMessage: { addListener: () => {} },
      onInstalled: { addListener: () => {} },
      sendMessage: async () => {},
      getPlatformInfo: async () => system,
      getBrowserInfo: async () => ({ name: 'Firefox' }),
    },
    commands: { onCommand: { addListener: () => {} } },
    permissions: {
      contains: async () => false,
      onAdded: { addListener: () => {} },
      onRemoved: { addListener: () => {} },
    },
  },
}))

interface Asked {
  path: string
  body: Record<string, unknown>
}
let asked: Asked[]
let answers: Record<string, { status: number; body: object }>

beforeEach(() => {
  asked = []
  answers = {
    '/auth/code': { status: 202, body: { expiresAt: Date.now() + 600_000 } },
    '/auth/verify': { status: 200, body: { accountId: ANN, displayName: 'BraveOtter' } },
  }
  vi.stubGlobal('indexedDB', new IDBFactory())
  vi.stubGlobal('fetch', async (request: Request) => {
    const { pathname: path } = new URL(request.url)
    asked.push({ path, body: await request.json() })
    const { status, body } = answers[path] ?? { status: 500, body: {} }
    return Response.json(body, { status, headers: { 'DPoP-Nonce': 'n' } })
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

/** The background as it comes up after the popup was closed and the browser was started anew: nothing is left but the disk. */
const started = () => startControlPlane(async () => {})

it('survives the popup closing and the browser restarting, with the key that asked', async () => {
  await started().requestCode('ann@example.com')
  expect(await started().identity()).toMatchObject({ state: 'code-sent', email: 'ann@example.com' })
  expect(await started().submitCode('123456')).toMatchObject({ state: 'signed-in', accountId: ANN })
  const [request, verification] = asked.map(({ body }) => body)
  expect(verification).toMatchObject({
    email: 'ann@example.com',
    code: '123456',
    device: request?.device,
    returning: request?.returning,
    platform: { browser: 'Firefox', system: 'Linux' },
  })
  expect(decodeJwt(String(verification?.assertion))).toMatchObject({
    iss: request?.device,
    sub: request?.device,
  })
  expect(await started().identity()).toMatchObject({ state: 'signed-in' })
})

it('is another device after signing out, but a browser that the address knows', async () => {
  await started().requestCode('ann@example.com')
  await started().submitCode('123456')
  await started().signOut()
  expect(await started().identity()).toEqual({ state: 'signed-out' })
  await started().requestCode('ann@example.com')
  const [first, again] = asked.filter(({ path }) => path === '/auth/code').map(({ body }) => body)
  expect(again?.device).not.toBe(first?.device)
  expect(again?.returning).toBe(first?.returning)
})

it('is over after ten minutes, and the code is then asked for anew', async () => {
  await started().requestCode('ann@example.com')
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10 * 60_000 })
  expect(await started().identity()).toEqual({ state: 'signed-out' })
})

it('signs in although the browser does not say what it runs on', async () => {
  system.os = 'something new'
  await started().requestCode('ann@example.com')
  expect(await started().submitCode('123456')).toMatchObject({ state: 'signed-in' })
  expect(asked[1]?.body).not.toHaveProperty('platform')
  system.os = 'linux'
})
