import 'fake-indexeddb/auto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { StoredIdentity } from '../../../platform/identity-store'
import { PrivacyChoice } from '../../../platform/privacy-choice'
import type { TwitchLink } from '../../../protocol/api'
import { StorageError } from '../../../protocol/storage-error'
import type { IdentityRecord } from '../../../services/identity/kept-identity'
import { settled } from '../stores/fake-host'
import { Browser } from './stored'

const passport = (twitch?: TwitchLink) => ({ jwt: 'a.b.c', expiresAt: 1, ...(twitch && { twitch }) })
const link: TwitchLink = { login: 'braveotter', shown: true, state: 'linked', broadcaster: false }
const LINKED = passport({ ...link, broadcaster: true })

describe('how others may reach this browser', () => {
  let browser: Browser
  let identity: StoredIdentity
  let privacy: PrivacyChoice
  let told: number
  const RELAYED = { direct: false, forced: null }
  const DIRECT = { direct: true, forced: null }
  const FORCED = { direct: false, forced: 'broadcaster' }

  const over = (of: StoredIdentity, database = browser.open()) =>
    new PrivacyChoice({
      database,
      identity: of,
      onChange: () => {
        told += 1
      },
    })

  beforeEach(() => {
    browser = new Browser()
    identity = new StoredIdentity(browser.open())
    told = 0
    privacy = over(identity)
  })
  afterEach(() => browser.delete())

  it('is relayed until something else was chosen, and by whatever is no choice', async () => {
    expect(await privacy.view()).toEqual(RELAYED)
    await browser.tamper('values', (rows) => rows.put({ name: 'direct', value: 'yes' }))
    expect(await privacy.view()).toEqual(RELAYED)
  })

  it('is what was chosen last, after a restart, too', async () => {
    await privacy.setDirect(true)
    expect(await over(identity).view()).toEqual(DIRECT)
    await privacy.setDirect(false)
    expect(await over(identity).view()).toEqual(RELAYED)
  })

  it('is relayed for a linked broadcaster, whatever was chosen', async () => {
    await privacy.setDirect(true)
    await identity.save({ passport: LINKED })
    expect(await privacy.view()).toEqual(FORCED)
    await privacy.setDirect(true)
    expect(await privacy.view()).toEqual(FORCED)
    await identity.save({ passport: passport({ ...link, shown: false, broadcaster: true }) })
    expect(await privacy.view()).toEqual(FORCED)
    await identity.save({ passport: passport() })
    expect(await privacy.view()).toEqual(DIRECT)
  })

  it('stays the choice of whoever has linked Twitch only to watch, shown or not', async () => {
    await privacy.setDirect(true)
    for (const shown of [true, false]) {
      await identity.save({ passport: passport({ ...link, shown }) })
      expect(await privacy.view()).toEqual(DIRECT)
    }
  })

  it('tells each change once, and whatever ran here before may have told something else', async () => {
    await privacy.lookAgain()
    expect(told).toBe(1)
    await privacy.lookAgain()
    await privacy.setDirect(false)
    expect(told).toBe(1)
    await privacy.setDirect(true)
    expect(told).toBe(2)
    await identity.save({ passport: LINKED })
    await privacy.lookAgain()
    expect(told).toBe(3)
    await privacy.setDirect(false)
    expect(told).toBe(3)
    await identity.save({})
    await privacy.lookAgain()
    expect(told).toBe(4)
  })

  it('tells what was read last, whoever asks at the same time', async () => {
    const before = Promise.withResolvers<IdentityRecord>()
    const records = [before.promise]
    const slow = new PrivacyChoice({
      database: { value: async () => undefined, setValue: async () => {} },
      identity: { load: () => records.shift() ?? Promise.resolve({}) },
      onChange: () => {
        told += 1
      },
    })
    const looked = Promise.all([slow.lookAgain(), slow.lookAgain()])
    await settled()
    before.resolve({ passport: LINKED })
    await looked
    expect(told).toBe(2)
    await slow.lookAgain()
    expect(told).toBe(2)
  })

  it('tells also that it cannot be read any more, and keeps no choice that storage refuses', async () => {
    await privacy.lookAgain()
    const broken = new PrivacyChoice({
      database: {
        value: () => Promise.reject(new StorageError('unavailable')),
        setValue: () => Promise.reject(new StorageError('full')),
      },
      identity,
      onChange: () => {
        told += 1
      },
    })
    await expect(broken.view()).rejects.toEqual(new StorageError('unavailable'))
    await expect(broken.setDirect(true)).rejects.toEqual(new StorageError('full'))
    expect(told).toBe(1)
    await broken.lookAgain()
    expect(told).toBe(2)
  })
})
