// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { microphone } from '../../../platform/microphone'
import type { MicrophoneError } from '../../../protocol/microphone'

/** What the browser hears: the amplitude of a square wave. */
let amplitude = 0
let closed = 0

class FakeTrack extends EventTarget {
  stopped = false
  stop(): void {
    this.stopped = true
  }
}
let tracks: FakeTrack[]
let getUserMedia: () => Promise<unknown>
let state: string

beforeEach(() => {
  vi.useFakeTimers()
  tracks = [new FakeTrack()]
  closed = 0
  state = 'prompt'
  getUserMedia = async () => ({ getTracks: () => tracks })
  vi.stubGlobal(
    'AudioContext',
    class {
      createMediaStreamSource = () => ({ connect: () => {} })
      async close() {
        closed += 1
      }
    },
  )
  vi.stubGlobal(
    'AnalyserNode',
    class {
      fftSize = 1024
      getFloatTimeDomainData = (samples: Float32Array) => void samples.fill(amplitude)
    },
  )
  Object.defineProperty(navigator, 'mediaDevices', {
    configurable: true,
    value: { getUserMedia: () => getUserMedia() },
  })
  Object.defineProperty(navigator, 'permissions', {
    configurable: true,
    value: { query: async () => ({ state }) },
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

const refusedWith = async (error: unknown) => {
  getUserMedia = () => Promise.reject(error)
  return microphone.listen({ onLevel: () => {}, onEnd: () => {} }).then(
    () => 'heard',
    ({ trouble }: MicrophoneError) => trouble,
  )
}

describe('the microphone', () => {
  it('tells silence from speech, about twenty times a second', async () => {
    const levels: number[] = []
    const stop = await microphone.listen({ onLevel: (level) => levels.push(level), onEnd: () => {} })
    for (const now of [0, 0.001, 0.03, 1]) {
      amplitude = now
      vi.advanceTimersByTime(50)
    }
    stop()
    vi.advanceTimersByTime(500)
    expect(levels).toHaveLength(4)
    expect(levels[0]).toBe(0)
    expect(levels[1]).toBeCloseTo(0)
    expect(levels[2]).toBeGreaterThan(0.5)
    expect(levels[2]).toBeLessThan(0.7)
    expect(levels[3]).toBe(1)
  })

  it('puts its light out when stopped, once', async () => {
    const stop = await microphone.listen({ onLevel: () => {}, onEnd: () => {} })
    expect(tracks[0]?.stopped).toBe(false)
    stop()
    stop()
    expect(tracks[0]?.stopped).toBe(true)
    expect(closed).toBe(1)
  })

  it.each(['pulled out', 'page left', 'page hidden'])('lets go by itself: %s', async (why) => {
    let ended = 0
    const onEnd = () => {
      ended += 1
    }
    await microphone.listen({ onLevel: () => {}, onEnd })
    document.dispatchEvent(new Event('visibilitychange'))
    expect(ended).toBe(0)
    if (why === 'pulled out') tracks[0]?.dispatchEvent(new Event('ended'))
    if (why === 'page left') dispatchEvent(new Event('pagehide'))
    if (why === 'page hidden') {
      vi.spyOn(document, 'hidden', 'get').mockReturnValue(true)
      document.dispatchEvent(new Event('visibilitychange'))
      vi.restoreAllMocks()
    }
    dispatchEvent(new Event('pagehide'))
    expect(ended).toBe(1)
    expect(tracks[0]?.stopped).toBe(true)
  })

  it('tells a refusal for good from a question that was closed', async () => {
    const refusal = new DOMException('', 'NotAllowedError')
    expect(await refusedWith(refusal)).toBe('dismissed')
    state = 'denied'
    expect(await refusedWith(refusal)).toBe('denied')
  })

  it.each([
    ['NotFoundError', 'missing'],
    ['NotReadableError', 'busy'],
    ['AbortError', 'busy'],
    ['TypeError', 'failed'],
  ])('%s is %s', async (name, trouble) => {
    expect(await refusedWith(new DOMException('', name))).toBe(trouble)
  })

  it('is granted only where the browser says so', async () => {
    expect(await microphone.isGranted()).toBe(false)
    state = 'granted'
    expect(await microphone.isGranted()).toBe(true)
  })
})
