import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { base64url } from 'jose'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { startControlPlane } from '../../../entrypoints/background/control'
import { Database } from '../../../platform/database'
import { StoredIdentity } from '../../../platform/identity-store'
import { type ControlPlane, IDENTITY_CHANGED, PRIVACY_CHANGED } from '../../../protocol/control'
import { ANN } from './stored'

const announced = vi.hoisted(() => [] as unknown[])
vi.mock('webextension-polyfill', () => ({
  default: {
    runtime: {
      onMessage: { addListener: () => {} },
      onInstalled: { addListener: () => {} },
      sendMessage: async (message: unknown) => void announced.push(message),
    },
  },
}))

const passport = (claims: object) => ({
  jwt: ['{"alg":"EdDSA"}', JSON.stringify(claims), 'signed'].map((part) => base64url.encode(part)).join('.'),
  expiresAt: Date.now() + 86_400_000,
})

let database: Database
let plane: ControlPlane
const told = { identityChanged: vi.fn(), historyCleared: vi.fn(), privacyChanged: vi.fn() }

async function signedIn(claims: object): Promise<void> {
  const account = { accountId: ANN, displayName: 'BraveOtter' }
  await new StoredIdentity(database).save({ account, passport: passport(claims), jwks: { keys: [] } })
}

beforeEach(() => {
  vi.stubGlobal('indexedDB', new IDBFactory())
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no network')))
  announced.length = 0
  vi.resetAllMocks()
  database = new Database()
  plane = startControlPlane(async () => {}, told)
})
afterEach(() => {
  vi.unstubAllGlobals()
})

it('relays until the viewer chooses otherwise, and tells pages and host once that is kept', async () => {
  expect(await plane.privacy()).toEqual({ direct: false, forced: null })
  told.privacyChanged.mockImplementation(() => announced.push('host'))
  await plane.setDirect(true)
  expect(announced).toEqual([PRIVACY_CHANGED, 'host'])
  expect(await database.value('direct')).toBe(true)
  expect(await plane.privacy()).toEqual({ direct: true, forced: null })
})

it('tells the host that a passport leaves no choice, and that nobody is signed in any more', async () => {
  await signedIn({ twitch: 'braveotter' })
  await plane.setDirect(true)
  told.privacyChanged.mockClear()
  const passports = new StoredIdentity(database)
  expect((await plane.credentials(false))?.displayName).toBe('BraveOtter')
  expect(await plane.privacy()).toEqual({ direct: false, forced: 'broadcaster' })
  announced.length = 0
  await plane.signOut()
  expect(announced).toContain(IDENTITY_CHANGED)
  await vi.waitFor(() => expect(told.privacyChanged).toHaveBeenCalledOnce())
  expect(announced).toContain(PRIVACY_CHANGED)
  expect(await passports.load()).toEqual({})
  expect(await plane.privacy()).toEqual({ direct: true, forced: null })
})

it('looks at every passport that it hands out', async () => {
  await plane.setDirect(true)
  await signedIn({})
  const fresh = startControlPlane(async () => {}, told)
  await fresh.credentials(false)
  await vi.waitFor(() => expect(told.privacyChanged).toHaveBeenCalledTimes(2))
  await signedIn({ twitch: 'braveotter' })
  await fresh.credentials(false)
  await vi.waitFor(() => expect(told.privacyChanged).toHaveBeenCalledTimes(3))
})
