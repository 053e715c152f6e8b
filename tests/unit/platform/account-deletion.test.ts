import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { startControlPlane } from '../../../entrypoints/background/control'
import { Database } from '../../../platform/database'
import { StoredIdentity } from '../../../platform/identity-store'
import { RoomArchives } from '../../../platform/room-archives'
import { type ControlPlane, HISTORY_CLEARED, IDENTITY_CHANGED } from '../../../protocol/control'
import { ANN, BOB, DEVICE, ROOM, said, saidMany } from './stored'

const announced = vi.hoisted(() => [] as unknown[])
vi.mock('webextension-polyfill', () => ({
  default: {
    runtime: {
      onMessage: { addListener: () => {} },
      onInstalled: { addListener: () => {} },
      sendMessage: async (message: unknown) => void announced.push(message),
    },
    commands: { onCommand: { addListener: () => {} } },
    permissions: {
      contains: async () => false,
      onAdded: { addListener: () => {} },
      onRemoved: { addListener: () => {} },
    },
  },
}))

const problem = (code: string, status: number) =>
  new Response(JSON.stringify({ type: 't', title: 't', status, code }), {
    status,
    headers: { 'Content-Type': 'application/problem+json' },
  })

let asked: string[]
let answer: () => Response
let store: StoredIdentity
let plane: ControlPlane
const told = {
  identityChanged: vi.fn(),
  historyCleared: vi.fn(),
  privacyChanged: vi.fn(),
  emotesChanged: vi.fn(),
  commanded: vi.fn(),
}

beforeEach(async () => {
  vi.stubGlobal('indexedDB', new IDBFactory())
  vi.stubGlobal('fetch', async (request: Request) => {
    const { pathname } = new URL(request.url)
    asked.push(`${request.method} ${pathname}`)
    if (pathname !== '/auth/token') return answer()
    const token = { accessToken: 't', tokenType: 'DPoP', expiresIn: 900, serverTime: Date.now() }
    return new Response(JSON.stringify(token))
  })
  asked = []
  announced.length = 0
  vi.resetAllMocks()
  store = new StoredIdentity(new Database())
  await store.save({ account: { accountId: ANN, displayName: 'BraveOtter' }, jwks: { keys: [] } })
  plane = startControlPlane(async () => {}, told)
})
afterEach(() => vi.unstubAllGlobals())

it('ends the account on the Worker first, then forgets it, its keys and all history here', async () => {
  const { device } = await store.keys()
  answer = () => {
    expect(announced).toEqual([])
    return new Response(null, { status: 204 })
  }
  expect(await plane.deleteAccount()).toEqual({ state: 'signed-out' })
  expect(asked).toEqual(['POST /auth/token', 'DELETE /account'])
  expect((await store.load()).account).toBeUndefined()
  expect((await store.keys()).device).not.toBe(device)
  expect(announced).toEqual(expect.arrayContaining([HISTORY_CLEARED, IDENTITY_CHANGED]))
  expect(told.historyCleared).toHaveBeenCalledOnce()
})

it('leaves the history of others who use this browser alone', async () => {
  const archives = new RoomArchives(new Database())
  const of = (accountId: typeof ANN) => archives.open(ROOM, { accountId, device: DEVICE })
  for (const account of [ANN, BOB]) await of(account).append(await saidMany(3))
  for (const code of ['device_refused', undefined]) {
    await store.save({ account: { accountId: ANN, displayName: 'BraveOtter' }, jwks: { keys: [] } })
    await of(ANN).append([await said(9, { ms: Date.now() + 60_000 })])
    answer = () => (code ? problem(code, 401) : new Response(null, { status: 204 }))
    await plane.deleteAccount().catch(() => {})
    expect((await of(ANN).page(null, 9)).messages).toEqual([])
    expect((await of(BOB).page(null, 9)).messages).toHaveLength(3)
  }
})

it('keeps everything while the Worker cannot be asked', async () => {
  const { device } = await store.keys()
  answer = () => {
    throw new TypeError('no network')
  }
  await expect(plane.deleteAccount()).rejects.toMatchObject({ code: 'worker_unreachable' })
  expect((await store.load()).account?.accountId).toBe(ANN)
  expect((await store.keys()).device).toBe(device)
  expect(announced).toEqual([])
})

it('deletes the history also when the account is found gone: an earlier answer was lost', async () => {
  answer = () => problem('device_refused', 401)
  await expect(plane.deleteAccount()).rejects.toMatchObject({ code: 'signed_out' })
  expect((await store.load()).account).toBeUndefined()
  expect(told.historyCleared).toHaveBeenCalledOnce()
})

it('exports what the Worker answers, and nothing that is not of that shape', async () => {
  answer = () => new Response(JSON.stringify({ format: 'something-else' }))
  await expect(plane.exportAccount()).rejects.toMatchObject({ code: 'worker_unreachable' })
  const exported = {
    format: 'sidestream-account',
    version: 1,
    exportedAt: '2031-01-01T00:00:00.000Z',
    accountId: ANN,
    createdAt: '2030-01-01T00:00:00.000Z',
    displayName: 'BraveOtter',
    passportVersion: 3,
    addresses: [],
    devices: [],
    rooms: [],
    parts: { picture: null, later: { anything: 1 } },
  }
  answer = () => new Response(JSON.stringify(exported))
  expect(JSON.parse(await plane.exportAccount())).toEqual(exported)
})
