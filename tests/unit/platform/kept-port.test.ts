import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { keepPort } from '../../../platform/kept-port'
import { RealClock } from '../../../platform/real-clock'
import { LONGEST_DELAY_MS } from '../../../services/backoff'
import { Retry } from '../../../services/reconnection/retry'

/** One end of a port; `die` is the host's end closing. */
class FakePort {
  isOpen = true
  readonly #listeners: (() => void)[] = []
  readonly onDisconnect = { addListener: (listener: () => void) => this.#listeners.push(listener) }

  /** Tells nobody on this side, as in browsers. */
  disconnect(): void {
    this.isOpen = false
  }

  die(): void {
    this.isOpen = false
    for (const listener of this.#listeners) listener()
  }
}

const extension = vi.hoisted(() => {
  const state = { id: 'an id', connect: (): unknown => undefined }
  return state
})
vi.mock('webextension-polyfill', () => ({ default: { runtime: extension } }))

let ports: FakePort[]
let page: EventTarget
let shown: EventTarget & { visibilityState: string }
let lifetime: AbortController
let told: string[]
let drops: (() => void)[]
/** Whether the host dies as soon as it is connected to. */
let isDead: boolean
let ensureHost: () => Promise<unknown>

beforeEach(() => {
  vi.useFakeTimers()
  ports = []
  told = []
  drops = []
  isDead = false
  ensureHost = async () => {}
  page = new EventTarget()
  shown = Object.assign(new EventTarget(), { visibilityState: 'visible' })
  lifetime = new AbortController()
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
  vi.stubGlobal('document', shown)
  extension.id = 'an id'
  extension.connect = () => {
    const port = new FakePort()
    ports.push(port)
    if (isDead) setTimeout(() => port.die())
    return port
  }
  keepPort({
    name: 'test',
    signal: lifetime.signal,
    retry: (task, firstMs) => new Retry({ clock: new RealClock(), random: () => 0.999, task, firstMs }),
    ensureHost: () => ensureHost(),
    onOpen: (_, drop) => {
      told.push('open')
      drops.push(drop)
    },
    onLost: () => told.push('lost'),
    onOrphaned: () => {
      told.push('orphaned')
      lifetime.abort()
    },
  })
})
afterEach(() => {
  lifetime.abort()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)
const transition = (type: string, persisted: boolean) =>
  page.dispatchEvent(Object.assign(new Event(type), { persisted }))

describe('a kept port', () => {
  it('is opened at once, and again within 100 ms after the host died', async () => {
    expect(told).toEqual(['open'])
    ports[0]?.die()
    expect(told).toEqual(['open', 'lost'])
    await pass(100)
    expect(told).toEqual(['open', 'lost', 'open'])
  })

  it('is tried ever more slowly while it breaks each time, up to 30 s, for ever', async () => {
    isDead = true
    ports[0]?.die()
    await pass(2_000)
    expect(ports.length).toBeGreaterThan(3)
    await pass(60_000)
    const before = ports.length
    await pass(10 * LONGEST_DELAY_MS)
    expect(ports.length - before).toBe(10)
  })

  it('is tried quickly again after a port that lived for long, not after one that did not', async () => {
    const breakAfter = async (ms: number) => {
      await pass(ms)
      ports.at(-1)?.die()
    }
    for (let time = 0; time < 8; time++) await breakAfter(5_000)
    const before = ports.length
    await pass(100)
    expect(ports.length).toBe(before)
    await pass(LONGEST_DELAY_MS)
    await breakAfter(1)
    const later = ports.length
    await pass(100)
    expect(ports.length).toBe(later + 1)
  })

  it('is opened when the host was ensured, but does not wait for ever for that', async () => {
    ensureHost = () => new Promise(() => {})
    ports[0]?.die()
    await pass(999)
    expect(ports).toHaveLength(1)
    await pass(1)
    expect(ports).toHaveLength(2)
    ensureHost = () => Promise.reject(new Error('no background'))
    ports[1]?.die()
    await pass(200)
    expect(ports).toHaveLength(3)
  })

  it('is opened at once when a page without one comes into sight', async () => {
    isDead = true
    ports[0]?.die()
    await pass(60_000)
    isDead = false
    const before = ports.length
    shown.visibilityState = 'hidden'
    shown.dispatchEvent(new Event('visibilitychange'))
    await pass(0)
    expect(ports.length).toBe(before)
    shown.visibilityState = 'visible'
    shown.dispatchEvent(new Event('visibilitychange'))
    shown.dispatchEvent(new Event('visibilitychange'))
    await pass(0)
    expect(ports.length).toBe(before + 1)
    shown.dispatchEvent(new Event('visibilitychange'))
    await pass(LONGEST_DELAY_MS)
    expect(ports.length).toBe(before + 1)
  })

  it('is given up and opened anew when that is asked for', async () => {
    drops[0]?.()
    drops[0]?.()
    expect([told, ports[0]?.isOpen]).toEqual([['open', 'lost'], false])
    await pass(100)
    expect(ports).toHaveLength(2)
    drops[0]?.()
    expect(told).toEqual(['open', 'lost', 'open'])
  })

  it('rests while its page is in the back/forward cache', async () => {
    transition('pagehide', false)
    expect(told).toEqual(['open'])
    transition('pagehide', true)
    expect([told, ports[0]?.isOpen]).toEqual([['open', 'lost'], false])
    await pass(60_000)
    expect(ports).toHaveLength(1)
    transition('pageshow', true)
    expect(told).toEqual(['open', 'lost', 'open'])
  })

  it('is not tried by a page that its extension left behind', async () => {
    extension.id = ''
    extension.connect = () => {
      throw new Error('Extension context invalidated.')
    }
    ports[0]?.die()
    await pass(60_000)
    expect(told).toEqual(['open', 'lost', 'orphaned'])
  })

  it('ends with its page, with nothing left behind', async () => {
    isDead = true
    ports[0]?.die()
    await pass(60_000)
    const before = ports.length
    lifetime.abort()
    transition('pageshow', true)
    shown.dispatchEvent(new Event('visibilitychange'))
    // The host is asked for no longer than this.
    await pass(1_000)
    expect(vi.getTimerCount()).toBe(0)
    expect(ports.length).toBe(before)
  })

  it('ends with its page also while the host is being asked for', async () => {
    ensureHost = () => new Promise(() => {})
    ports[0]?.die()
    await pass(500)
    lifetime.abort()
    await pass(5_000)
    expect(ports).toHaveLength(1)
  })
})
