import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { z } from '../../protocol/schema'
import { ENDING_RETRY_MS, TWITCH_CHECK_MS, TWITCH_RETRY_MS } from '../../worker/limits'
import { AccountPicture } from '../../worker/objects/account-picture'
import { AccountTwitch } from '../../worker/objects/account-twitch'
import { seal, unseal } from '../../worker/twitch/sealing'
import { accountOf, atTwitch, later, linkTwitch, newLogin, resultFor, twitchOf } from './support/twitch'
import { authed, signIn, type Viewer } from './support/viewer'
import { codeOf } from './support/worker'

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
})

let restore = () => {}
afterEach(() => {
  restore()
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** What an operator may leave of the secret that the tokens are sealed with. */
const SECRETS = ['', '{', '{"keys":[]}', '{"keys":[{"kty":"oct","kid":"x","k":"short"}]}']

/** Deploys the Worker without what Twitch needs, after accounts were linked. */
const deploy = (viewer: Viewer, SEALING_KEYS: string) =>
  runInDurableObject(accountOf(viewer), (instance) => {
    const bindings: unknown = Reflect.get(instance, 'env')
    if (typeof bindings !== 'object' || bindings === null) throw new Error('no bindings')
    const before: unknown = Reflect.get(bindings, 'SEALING_KEYS')
    restore = () => void Reflect.set(bindings, 'SEALING_KEYS', before)
    Reflect.set(bindings, 'SEALING_KEYS', SEALING_KEYS)
  })

async function linked() {
  const viewer = await signIn()
  const login = newLogin()
  await linkTwitch(viewer, login)
  return { viewer, login }
}

describe.each(SECRETS)('a Worker whose sealing keys are %j', (secret) => {
  it('still ends accounts that were linked', async () => {
    const { viewer } = await linked()
    await resultFor(viewer, newLogin())
    await deploy(viewer, secret)
    expect((await authed(viewer, 'DELETE', '/account')).status).toBe(204)
    expect(await accountOf(viewer).standing()).toBe('ended')
  })

  it('still unlinks, and takes the consent back when it can again', async () => {
    const { viewer, login } = await linked()
    await deploy(viewer, secret)
    expect((await authed(viewer, 'DELETE', '/twitch')).status).toBe(204)
    expect(await twitchOf(viewer)).toBeNull()
    expect(await atTwitch('live', login, 'RefreshToken')).toBe(1)
    restore()
    await later(viewer, TWITCH_RETRY_MS + 1_000)
    await runDurableObjectAlarm(accountOf(viewer))
    expect(await atTwitch('live', login, 'RefreshToken')).toBe(0)
  })

  it('keeps the link, says that Twitch is away, and goes on when it can again', async () => {
    const { viewer, login } = await linked()
    await deploy(viewer, secret)
    expect(await codeOf(await authed(viewer, 'GET', `/rooms/${login}/role`))).toBe('twitch_unavailable')
    await later(viewer, TWITCH_CHECK_MS + 1_000)
    expect(await runDurableObjectAlarm(accountOf(viewer))).toBe(true)
    expect(await twitchOf(viewer)).toMatchObject({ state: 'linked' })
    restore()
    expect(await (await authed(viewer, 'GET', `/rooms/${login}/role`)).json()).toMatchObject({
      role: 'broadcaster',
    })
  })

  it('opens nothing, and begins nothing', async () => {
    const sealed = await seal(env.SEALING_KEYS ?? '', 'twitch-tokens', 'me', 'secret')
    expect(await unseal(secret, 'twitch-tokens', 'me', sealed, z.string())).toBeUndefined()
    const read = await authed(await signIn(), 'GET', '/twitch', { env: { SEALING_KEYS: secret } })
    expect(await read.json()).toEqual({ available: false, link: null })
  })
})

describe('an account’s alarm', () => {
  it('does all that it can although a part fails, and rings again', async () => {
    const viewer = await signIn()
    const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const broken = vi.spyOn(AccountPicture.prototype, 'settle').mockRejectedValue(new Error('broken'))
    const next = vi.spyOn(AccountTwitch.prototype, 'settle')
    await later(viewer, 10 * 60_000)
    expect(await runDurableObjectAlarm(accountOf(viewer))).toBe(true)
    expect(next).toHaveBeenCalledTimes(1)
    expect(logged.mock.calls.flat().join()).toMatch(/^{"event":"alarm_failed","name":"Error","frames":\[/)
    expect(logged.mock.calls.flat().join()).not.toContain('broken')
    const alarm = await runInDurableObject(accountOf(viewer), (_, { storage }) => storage.getAlarm())
    expect(alarm).toBe(Date.now() + ENDING_RETRY_MS)
    broken.mockRestore()
    expect(await runDurableObjectAlarm(accountOf(viewer))).toBe(true)
  })
})
