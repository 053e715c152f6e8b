import { beforeEach, describe, expect, it, vi } from 'vitest'
import {
  controlPlane,
  onHistoryCleared,
  onIdentityChanged,
  onPrivacyChanged,
} from '../../../platform/control-client'
import { announce, serveControlPlane } from '../../../platform/control-server'
import {
  ControlError,
  type ControlPlane,
  HISTORY_CLEARED,
  IDENTITY_CHANGED,
  PRIVACY_CHANGED,
} from '../../../protocol/control'

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
    socketPass: unasked,
    icePass: unasked,
    exportHistory: vi.fn(async () => '{"format":"sidestream-history"}'),
    clearHistory: vi.fn(async () => {}),
    privacy: vi.fn(async () => ({ direct: true, forced: null })),
    setDirect: vi.fn(async () => {}),
  }
  serveControlPlane(plane)
  return plane
}

beforeEach(() => {
  extension.listeners.clear()
  extension.sender = OWN_PAGE
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
