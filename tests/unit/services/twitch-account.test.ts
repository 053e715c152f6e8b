import { beforeEach, describe, expect, it } from 'vitest'
import type { RoleResponse, TwitchLink } from '../../../protocol/api'
import { ControlError } from '../../../protocol/control'
import { channelRoom } from '../../../protocol/room-id'
import { TwitchAccount } from '../../../services/identity/twitch-account'
import { settled } from '../stores/fake-host'

const LINK: TwitchLink = { login: 'lumenfox', shown: false, state: 'linked', broadcaster: false }
const END = 'https://id.chromiumapp.org/twitch'

/** What the Worker holds, and what this browser's passport says. */
let held: TwitchLink | null
let known: TwitchLink | null
let available: boolean
let role: RoleResponse
let failure: ControlError | null
let calls: string[]
let window: { url: string; close(end: string | undefined): Promise<void> } | undefined
let changes: number
let twitch: TwitchAccount

const asked = async <T>(name: string, answer: () => T): Promise<T> => {
  calls.push(name)
  if (failure) throw failure
  return answer()
}

beforeEach(() => {
  held = known = failure = null
  available = true
  role = { role: null, grant: null, askAgainAt: 5 }
  calls = []
  window = undefined
  changes = 0
  twitch = new TwitchAccount({
    now: () => 1_000,
    onChange: () => changes++,
    worker: {
      twitch: () => asked('twitch', () => ({ available, link: held })),
      beginTwitch: (redirect) => asked(`begin ${redirect}`, () => 'https://worker.test/twitch/start?t=1'),
      linkTwitch: (result) =>
        asked(`link ${result}`, () => {
          held = LINK
          return { available, link: held }
        }),
      unlinkTwitch: () =>
        asked('unlink', () => {
          held = null
        }),
      showTwitch: (shown) =>
        asked(`show ${shown}`, () => {
          held = held && { ...held, shown }
          return { available, link: held }
        }),
      role: (login) => asked(`role ${login}`, () => role),
    },
    identity: {
      asMember: (ask) => ask(),
      renewPassport: async () => {
        calls.push('renew')
        known = held
      },
      twitch: async () => known,
      noteBroadcaster: async () => {
        calls.push('broadcaster')
      },
    },
    webAuth: {
      redirectUrl: () => END,
      launch: (url) =>
        new Promise((resolve) => {
          window = {
            url,
            close: async (end) => {
              resolve(end)
              await settled()
            },
          }
        }),
    },
  })
})

const notLinked = (problem: string | null = null) => ({ state: 'not-linked', problem })

describe('linking', () => {
  it('waits in a window of the browser’s, and redeems what it ends with', async () => {
    expect(await twitch.view()).toEqual(notLinked())
    expect(await twitch.link()).toEqual({ state: 'waiting' })
    expect(window?.url).toBe('https://worker.test/twitch/start?t=1')
    expect(await twitch.view()).toEqual({ state: 'waiting' })
    // A second press changes nothing.
    expect(await twitch.link()).toEqual({ state: 'waiting' })
    expect(changes).toBe(0)
    await window?.close(`${END}?result=abc`)
    expect(calls).toEqual(['twitch', `begin ${END}`, 'link abc', 'renew'])
    expect(changes).toBe(1)
    expect(await twitch.view()).toEqual({ state: 'linked', login: 'lumenfox', shown: false })
  })

  it.each([
    [undefined, 'twitch_cancelled'],
    [END, 'twitch_attempt_refused'],
    [`${END}?result=`, 'twitch_attempt_refused'],
    ['no url', 'twitch_attempt_refused'],
  ])('comes to nothing when the window ends with %s', async (end, problem) => {
    await twitch.link()
    await window?.close(end)
    expect(changes).toBe(1)
    expect(await twitch.view()).toEqual(notLinked(problem))
    expect(calls.filter((call) => call.startsWith('link'))).toEqual([])
  })

  it('tells why the Worker refused, until the next try', async () => {
    await twitch.link()
    failure = new ControlError('twitch_taken')
    await window?.close(`${END}?result=abc`)
    failure = null
    expect(await twitch.view()).toEqual(notLinked('twitch_taken'))
    await twitch.link()
    await window?.close(`${END}?result=abc`)
    expect(await twitch.view()).toMatchObject({ state: 'linked' })
  })

  it('rejects where it cannot be begun, and opens no window', async () => {
    failure = new ControlError('rate_limited', 60)
    await expect(twitch.link()).rejects.toEqual(failure)
    await settled()
    expect(window).toBeUndefined()
    failure = null
    expect(await twitch.link()).toEqual({ state: 'waiting' })
  })
})

describe('the link', () => {
  it('is what the Worker says; what changed there is fetched with a passport', async () => {
    known = LINK
    held = LINK
    await twitch.view()
    expect(calls).toEqual(['twitch'])
    held = { ...LINK, state: 'gone' }
    expect(await twitch.view()).toEqual({ state: 'gone', login: 'lumenfox', problem: null })
    expect(calls).toEqual(['twitch', 'twitch', 'renew'])
  })

  it('is not asked for again because this browser knows more: that they stream', async () => {
    known = { ...LINK, broadcaster: true }
    held = LINK
    await twitch.view()
    expect(calls).toEqual(['twitch'])
  })

  it('is what was last known while the Worker cannot be reached', async () => {
    failure = new ControlError('worker_unreachable')
    await expect(twitch.view()).rejects.toEqual(failure)
    known = LINK
    expect(await twitch.view()).toEqual({ state: 'linked', login: 'lumenfox', shown: false })
    failure = new ControlError('signed_out')
    await expect(twitch.view()).rejects.toEqual(failure)
  })

  it('is none where the Worker has no linking', async () => {
    available = false
    expect(await twitch.view()).toEqual({ state: 'unavailable' })
    held = LINK
    expect(await twitch.view()).toMatchObject({ state: 'linked' })
  })

  it('is shown and ended with a passport that says so', async () => {
    held = known = LINK
    expect(await twitch.show(true)).toEqual({ state: 'linked', login: 'lumenfox', shown: true })
    expect(await twitch.unlink()).toEqual(notLinked())
    expect(calls).toEqual(['show true', 'renew', 'unlink', 'renew'])
    expect(changes).toBe(2)
  })
})

describe('a role', () => {
  const room = channelRoom('somechannel')

  it('is asked for only where a Twitch account is linked', async () => {
    expect(await twitch.role(room)).toMatchObject({ role: null, grant: null })
    known = { ...LINK, state: 'gone' }
    expect(await twitch.role(room)).toMatchObject({ role: null, grant: null })
    expect(calls).toEqual([])
    known = LINK
    expect(await twitch.role(room)).toEqual(role)
    expect(calls).toEqual(['role somechannel'])
  })

  it('of a broadcaster is noted here, too', async () => {
    known = LINK
    role = { role: 'moderator', grant: 'm', askAgainAt: 5 }
    await twitch.role(room)
    expect(calls).not.toContain('broadcaster')
    role = { role: 'broadcaster', grant: 'b', askAgainAt: 5 }
    expect(await twitch.role(room)).toEqual(role)
    expect(calls).toContain('broadcaster')
  })

  it('is noted before somebody enters the room of their own channel, without asking anybody', async () => {
    await twitch.enters(channelRoom('lumenfox'))
    known = LINK
    await twitch.enters(room)
    expect(calls).toEqual([])
    await twitch.enters(channelRoom('lumenfox'))
    expect(calls).toEqual(['broadcaster'])
  })
})
