import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { isOnline, watchNetwork } from '../../../platform/network-events'

let page: EventTarget
let connection: EventTarget
let told: string[]

/** A browser's globals, with or without the Network Information API. */
function browserWith(navigator: object): () => void {
  vi.stubGlobal('navigator', navigator)
  return watchNetwork({
    onOnline: () => told.push('online'),
    onOffline: () => told.push('offline'),
    onChange: () => told.push('change'),
  })
}

beforeEach(() => {
  vi.useFakeTimers()
  page = new EventTarget()
  connection = new EventTarget()
  told = []
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('the network', () => {
  it('is told to come and go at once', () => {
    browserWith({ connection })
    page.dispatchEvent(new Event('offline'))
    page.dispatchEvent(new Event('online'))
    expect(told).toEqual(['offline', 'online'])
  })

  it('is told to have changed once, when its changes have settled', () => {
    browserWith({ connection })
    for (let piece = 0; piece < 3; piece++) {
      connection.dispatchEvent(new Event('change'))
      vi.advanceTimersByTime(499)
    }
    expect(told).toEqual([])
    vi.advanceTimersByTime(1)
    expect(told).toEqual(['change'])
    connection.dispatchEvent(new Event('change'))
    vi.advanceTimersByTime(500)
    expect(told).toEqual(['change', 'change'])
  })

  it.each([{}, { connection: undefined }])('is followed also where no more is known of it', (navigator) => {
    browserWith(navigator)
    page.dispatchEvent(new Event('online'))
    expect(told).toEqual(['online'])
  })

  it('is followed no more after the end, not even what was about to be told', () => {
    const stop = browserWith({ connection })
    connection.dispatchEvent(new Event('change'))
    stop()
    connection.dispatchEvent(new Event('change'))
    page.dispatchEvent(new Event('online'))
    page.dispatchEvent(new Event('offline'))
    vi.advanceTimersByTime(5_000)
    expect(told).toEqual([])
  })

  it.each([true, false])('is there if the browser says so: %s', (onLine) => {
    vi.stubGlobal('navigator', { onLine })
    expect(isOnline()).toBe(onLine)
  })
})
