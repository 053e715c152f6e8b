import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { base64url } from 'jose'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { startControlPlane } from '../../../entrypoints/background/control'
import { Database } from '../../../platform/database'
import { StoredIdentity } from '../../../platform/identity-store'
import type { TwitchLink } from '../../../protocol/api'
import { type ControlPlane, IDENTITY_CHANGED, PRIVACY_CHANGED } from '../../../protocol/control'
import { channelRoom } from '../../../protocol/room-id'
import { ANN } from './stored'

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

const passport = (twitch?: TwitchLink) => ({
  jwt: ['{"alg":"EdDSA"}', '{}', 'signed'].map((part) => base64url.encode(part)).join('.'),
  expiresAt: Date.now() + 86_400_000,
  ...(twitch && { twitch }),
})
const STREAMS: TwitchLink = { login: 'braveotter', shown: false, state: 'linked', broadcaster: true }

let database: Database
let plane: ControlPlane
const told = {
  identityChanged: vi.fn(),
  historyCleared: vi.fn(),
  privacyChanged: vi.fn(),
  emotesChanged: vi.fn(),
  commanded: vi.fn(),
}

async function signedIn(twitch?: TwitchLink): Promise<void> {
  const account = { accountId: ANN, displayName: 'BraveOtter' }
  await new StoredIdentity(database).save({ account, passport: passport(twitch), jwks: { keys: [] } })
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
  await signedIn(STREAMS)
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
  await signedIn()
  const fresh = startControlPlane(async () => {}, told)
  await fresh.credentials(false)
  await vi.waitFor(() => expect(told.privacyChanged).toHaveBeenCalledTimes(2))
  await signedIn(STREAMS)
  await fresh.credentials(false)
  await vi.waitFor(() => expect(told.privacyChanged).toHaveBeenCalledTimes(3))
})

it('relays whoever opens their own channel before they are in its room, whatever the Worker knows', async () => {
  await signedIn({ ...STREAMS, broadcaster: false })
  await plane.setDirect(true)
  expect(await plane.privacy()).toEqual({ direct: true, forced: null })
  // There is no network: nobody is let in, and nobody has to be asked.
  await expect(plane.socketPass(channelRoom('somebodyelse'))).rejects.toThrow()
  expect(await plane.privacy()).toEqual({ direct: true, forced: null })
  told.privacyChanged.mockClear()
  await expect(plane.socketPass(channelRoom('braveotter'))).rejects.toThrow()
  expect(told.privacyChanged).toHaveBeenCalledOnce()
  expect(await plane.privacy()).toEqual({ direct: false, forced: 'broadcaster' })
})
