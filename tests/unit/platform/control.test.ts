import { beforeEach, describe, expect, it, vi } from 'vitest'
import {
  controlPlane,
  onHistoryCleared,
  onIdentityChanged,
  onPrivacyChanged,
  onTwitchChanged,
} from '../../../platform/control-client'
import { announce, serveControlPlane } from '../../../platform/control-server'
import {
  ControlError,
  type ControlPlane,
  HISTORY_CLEARED,
  IDENTITY_CHANGED,
  PRIVACY_CHANGED,
  TWITCH_CHANGED,
} from '../../../protocol/control'
import { deviceIdOf } from '../../../protocol/device'
import { MAX_PICTURE_BYTES } from '../../../protocol/limits'
import { toBase64 } from '../../../protocol/picture'
import { channelRoom } from '../../../protocol/room-id'

type Listener = (message: unknown, sender: unknown) => Promise<unknown> | undefined

/** One extension whose pages hear each other. */
const extension = vi.hoisted(() => {
  const listeners = new Set<Listener>()
  return {
    id: 'an id',
    sender: { id: 'an id', url: 'chrome-extension://an-id/popup.html' } as unknown,
    listeners,
    onMessage: {
      addListener: (listener: Listener) => listeners.add(listener),
      removeListener: (listener: Listener) => listeners.delete(listener),
    },
    sendMessage(message: unknown): Promise<unknown> {
      const answers = [...listeners].map((listener) => listener(message, extension.sender))
      return Promise.resolve(answers.find((answer) => answer !== undefined))
    },
  }
})
vi.mock('webextension-polyfill', () => ({ default: { runtime: extension } }))

const OWN_PAGE = { id: 'an id', url: 'chrome-extension://an-id/popup.html' }

function serve(): ControlPlane {
  const unasked = () => Promise.reject(new Error('not asked for'))
  const plane = {
    ensureHost: vi.fn(async () => {}),
    identity: unasked,
    requestCode: unasked,
    submitCode: unasked,
    cancelSignIn: unasked,
    signOut: unasked,
    credentials: unasked,
    renewPassport: vi.fn(async () => {}),
    exportAccount: vi.fn(async () => '{"format":"sidestream-account"}'),
    deleteAccount: vi.fn(async () => ({ state: 'signed-out' as const })),
    socketPass: unasked,
    icePass: unasked,
    exportHistory: vi.fn(async () => '{"format":"sidestream-history"}'),
    clearHistory: vi.fn(async () => {}),
    devices: vi.fn(async () => []),
    endDevice: vi.fn(async () => {}),
    nameAvailability: vi.fn(async () => ({ available: true })),
    suggestNames: vi.fn(async (like?: string) => [`like ${like}`]),
    rename: vi.fn(async () => ({ state: 'signed-out' as const })),
    picture: vi.fn(async (): Promise<string | null> => 'hash'),
    setPicture: vi.fn(async (): Promise<string | null> => 'hash'),
    removePicture: vi.fn(async () => null),
    twitchLink: vi.fn(async () => ({ state: 'not-linked' as const, problem: null })),
    openTwitchPage: vi.fn(async () => {}),
    linkTwitch: vi.fn(async () => ({ state: 'waiting' as const })),
    unlinkTwitch: vi.fn(async () => ({ state: 'not-linked' as const, problem: null })),
    showTwitch: vi.fn(async (shown: boolean) => ({ state: 'linked' as const, login: 'lumenfox', shown })),
    role: vi.fn(async () => ({ role: null, grant: null, askAgainAt: 1 })),
    privacy: vi.fn(async () => ({ direct: true, forced: null })),
    setDirect: vi.fn(async () => {}),
    showCalls: vi.fn(async () => {}),
    emotesAllowed: async () => false,
  }
  serveControlPlane(plane)
  return plane
}

beforeEach(() => {
  extension.listeners.clear()
  extension.sender = OWN_PAGE
})

describe('the account by the control plane', () => {
  it('is renewed, exported and ended for our own pages alone', async () => {
    const plane = serve()
    await controlPlane().renewPassport()
    expect(plane.renewPassport).toHaveBeenCalledOnce()
    expect(await controlPlane().exportAccount()).toBe('{"format":"sidestream-account"}')
    expect(await controlPlane().deleteAccount()).toEqual({ state: 'signed-out' })
    extension.sender = { id: 'an id', url: 'https://www.twitch.tv/somechannel' }
    for (const call of ['renewPassport', 'exportAccount', 'deleteAccount'] as const)
      await expect(controlPlane()[call]()).rejects.toThrow()
    expect(plane.deleteAccount).toHaveBeenCalledOnce()
  })
})

describe('the history by the control plane', () => {
  it('is exported and cleared for our own pages', async () => {
    const plane = serve()
    expect(await controlPlane().exportHistory()).toBe('{"format":"sidestream-history"}')
    expect(plane.clearHistory).not.toHaveBeenCalled()
    await controlPlane().clearHistory()
    expect(plane.clearHistory).toHaveBeenCalledOnce()
  })

  it('is nobody else’s: not a content script’s, not another extension’s', async () => {
    const plane = serve()
    const strangers = [
      { id: 'an id', url: 'https://www.twitch.tv/quietharbour', frameId: 0 },
      { id: 'another', url: 'chrome-extension://another/page.html' },
    ]
    for (const sender of strangers) {
      extension.sender = sender
      await expect(controlPlane().exportHistory()).rejects.toBeInstanceOf(ControlError)
      await expect(controlPlane().clearHistory()).rejects.toBeInstanceOf(ControlError)
    }
    expect(plane.exportHistory).not.toHaveBeenCalled()
    expect(plane.clearHistory).not.toHaveBeenCalled()
  })

  it('takes no arguments and tells no reason of its own', async () => {
    const plane = serve()
    const call = { to: 'background', call: 'clearHistory', args: ['twitch:a'] }
    expect(await extension.sendMessage(call)).toEqual({ ok: false, code: 'invalid_request' })
    vi.mocked(plane.exportHistory).mockRejectedValueOnce(new Error('twitch:secret'))
    await expect(controlPlane().exportHistory()).rejects.toEqual(new ControlError('internal'))
  })
})

describe('devices by the control plane', () => {
  const device = deviceIdOf(new Uint8Array(32).fill(7))

  it('are listed and ended for our own pages alone', async () => {
    const plane = serve()
    expect(await controlPlane().devices()).toEqual([])
    await controlPlane().endDevice(device)
    expect(plane.endDevice).toHaveBeenCalledExactlyOnceWith(device)
    extension.sender = { id: 'an id', url: 'https://www.twitch.tv/quietharbour', frameId: 0 }
    await expect(controlPlane().devices()).rejects.toBeInstanceOf(ControlError)
    await expect(controlPlane().endDevice(device)).rejects.toBeInstanceOf(ControlError)
    expect(plane.endDevice).toHaveBeenCalledOnce()
  })

  it.each([[[]], [['x']], [[7]], [[device, device]], [[`${device}/../..`]]])(
    'takes a device, and not %j',
    async (args) => {
      const plane = serve()
      const answer = await extension.sendMessage({ to: 'background', call: 'endDevice', args })
      expect(answer).toEqual({ ok: false, code: 'invalid_request' })
      expect(plane.endDevice).not.toHaveBeenCalled()
    },
  )
})

describe('names by the control plane', () => {
  it('are asked for, suggested and taken by our own pages', async () => {
    const plane = serve()
    expect(await controlPlane().nameAvailability('Zoë')).toEqual({ available: true })
    expect(await controlPlane().suggestNames()).toEqual(['like undefined'])
    expect(await controlPlane().suggestNames('Zoë')).toEqual(['like Zoë'])
    expect(await controlPlane().rename('Zoë')).toEqual({ state: 'signed-out' })
    expect(vi.mocked(plane.rename).mock.calls).toEqual([['Zoë']])
  })

  it.each([
    { id: 'an id', url: 'https://www.twitch.tv/quietharbour', frameId: 0 },
    { id: 'another', url: 'chrome-extension://another/page.html' },
  ])('are nobody else’s (%j)', async (sender) => {
    const plane = serve()
    extension.sender = sender
    await expect(controlPlane().nameAvailability('Zoë')).rejects.toBeInstanceOf(ControlError)
    await expect(controlPlane().suggestNames()).rejects.toBeInstanceOf(ControlError)
    await expect(controlPlane().rename('Zoë')).rejects.toBeInstanceOf(ControlError)
    expect(plane.rename).not.toHaveBeenCalled()
  })

  it.each([
    ['rename', []],
    ['rename', ['ab']],
    ['rename', ['ann@example.com']],
    ['rename', [7]],
    ['nameAvailability', ['ann@example.com']],
    ['nameAvailability', ['two words']],
    ['suggestNames', ['x'.repeat(101)]],
    ['suggestNames', ['Zoë', 'Ann']],
  ])('%s does not take %j', async (call, args) => {
    const plane = serve()
    const answer = await extension.sendMessage({ to: 'background', call, args })
    expect(answer).toEqual({ ok: false, code: 'invalid_request' })
    expect(plane.rename).not.toHaveBeenCalled()
    expect(plane.nameAvailability).not.toHaveBeenCalled()
  })
})

describe('the picture by the control plane', () => {
  const largest = toBase64(new Uint8Array(MAX_PICTURE_BYTES))

  it('is asked for, set and removed by our own pages', async () => {
    const plane = serve()
    expect(await controlPlane().picture()).toBe('hash')
    expect(await controlPlane().setPicture(largest)).toBe('hash')
    expect(plane.setPicture).toHaveBeenCalledWith(largest)
    expect(await controlPlane().removePicture()).toBeNull()
  })

  it.each([[[]], [['not base64!']], [[`${largest}AAAA`]], [[1]], [[largest, 1]]])(
    'is base64 of no more than a picture may have (%#)',
    async (args) => {
      const plane = serve()
      const answer = await extension.sendMessage({ to: 'background', call: 'setPicture', args })
      expect(answer).toEqual({ ok: false, code: 'invalid_request' })
      expect(plane.setPicture).not.toHaveBeenCalled()
    },
  )

  it('is nobody else’s', async () => {
    const plane = serve()
    extension.sender = { id: 'an id', url: 'https://www.twitch.tv/quietharbour', frameId: 0 }
    await expect(controlPlane().setPicture('AAAA')).rejects.toBeInstanceOf(ControlError)
    await expect(controlPlane().removePicture()).rejects.toBeInstanceOf(ControlError)
    expect([plane.setPicture, plane.removePicture].map((call) => vi.mocked(call).mock.calls)).toEqual([
      [],
      [],
    ])
  })
})

describe('the privacy of addresses by the control plane', () => {
  it('is asked and chosen by our own pages', async () => {
    const plane = serve()
    expect(await controlPlane().privacy()).toEqual({ direct: true, forced: null })
    await controlPlane().setDirect(true)
    await controlPlane().setDirect(false)
    expect(vi.mocked(plane.setDirect).mock.calls).toEqual([[true], [false]])
  })

  it.each([
    { id: 'an id', url: 'https://www.twitch.tv/quietharbour', frameId: 0 },
    { id: 'another', url: 'chrome-extension://another/page.html' },
  ])('is nobody else’s (%j)', async (sender) => {
    const plane = serve()
    extension.sender = sender
    await expect(controlPlane().privacy()).rejects.toBeInstanceOf(ControlError)
    await expect(controlPlane().setDirect(true)).rejects.toBeInstanceOf(ControlError)
    expect(plane.privacy).not.toHaveBeenCalled()
    expect(plane.setDirect).not.toHaveBeenCalled()
  })

  it.each([[[]], [['true']], [[1]], [[null]], [[true, true]]])(
    'takes yes or no, and not %j',
    async (args) => {
      const plane = serve()
      const answer = await extension.sendMessage({ to: 'background', call: 'setDirect', args })
      expect(answer).toEqual({ ok: false, code: 'invalid_request' })
      expect(plane.setDirect).not.toHaveBeenCalled()
    },
  )
})

it('announces each change to those who listen for it, for as long as they do', () => {
  const heard: string[] = []
  const stop = onHistoryCleared(() => heard.push('history'))
  onIdentityChanged(() => heard.push('identity'))
  onPrivacyChanged(() => heard.push('privacy'))
  announce(HISTORY_CLEARED)
  announce(IDENTITY_CHANGED)
  announce(PRIVACY_CHANGED)
  for (const other of [null, 'history-cleared', { event: 'history-cleared' }, { to: 'pages', event: 'x' }])
    void extension.sendMessage(other)
  expect(heard).toEqual(['history', 'identity', 'privacy'])
  stop()
  announce(HISTORY_CLEARED)
  expect(heard).toEqual(['history', 'identity', 'privacy'])
})

describe('the Twitch account by the control plane', () => {
  it('is linked, shown and unlinked for our own pages alone', async () => {
    const plane = serve()
    await controlPlane().openTwitchPage()
    expect(plane.openTwitchPage).toHaveBeenCalledOnce()
    expect(await controlPlane().linkTwitch()).toEqual({ state: 'waiting' })
    expect(await controlPlane().showTwitch(true)).toEqual({ state: 'linked', login: 'lumenfox', shown: true })
    expect(await controlPlane().unlinkTwitch()).toEqual({ state: 'not-linked', problem: null })
    expect(await controlPlane().twitchLink()).toEqual({ state: 'not-linked', problem: null })
    const room = channelRoom('somechannel')
    expect(await controlPlane().role(room)).toEqual({ role: null, grant: null, askAgainAt: 1 })
    expect(plane.role).toHaveBeenCalledWith(room)
    extension.sender = { id: 'an id', url: 'https://www.twitch.tv/somechannel' }
    await expect(controlPlane().linkTwitch()).rejects.toThrow()
    await expect(controlPlane().showTwitch(true)).rejects.toThrow()
    await expect(controlPlane().role(room)).rejects.toThrow()
    expect(plane.linkTwitch).toHaveBeenCalledOnce()
  })

  it('tells pages when a try to link is over', () => {
    const heard = vi.fn()
    const stop = onTwitchChanged(heard)
    announce(TWITCH_CHANGED)
    expect(heard).toHaveBeenCalledOnce()
    stop()
    announce(TWITCH_CHANGED)
    expect(heard).toHaveBeenCalledOnce()
  })
})
