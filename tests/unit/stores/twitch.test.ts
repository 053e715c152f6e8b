import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import { ControlError, type TwitchView } from '../../../protocol/control'
import { useTwitchStore } from '../../../stores/twitch'
import { settled } from './fake-host'

const NOT_LINKED: TwitchView = { state: 'not-linked', problem: null }
const LINKED: TwitchView = { state: 'linked', login: 'lumenfox', shown: false }

describe('the Twitch store', () => {
  let store: ReturnType<typeof useTwitchStore>
  let held: TwitchView | ControlError
  let calls: string[]
  let changed: () => void
  let detach: () => void
  let slow: ((view: TwitchView) => void)[] | null

  const answer = async (name: string): Promise<TwitchView> => {
    calls.push(name)
    const pending = slow
    if (pending) return new Promise((resolve) => pending.push(resolve))
    if (held instanceof ControlError) throw held
    return held
  }

  beforeEach(() => {
    setActivePinia(createPinia())
    store = useTwitchStore()
    held = NOT_LINKED
    calls = []
    slow = null
    detach = store.attach({
      plane: {
        twitchLink: () => answer('twitchLink'),
        linkTwitch: () => answer('linkTwitch'),
        unlinkTwitch: () => answer('unlinkTwitch'),
        showTwitch: (shown) => answer(`showTwitch ${shown}`),
      },
      onChanged: (listener) => {
        changed = listener
        return () => {
          changed = () => {}
        }
      },
    })
  })

  it('asks when somebody looks, and from then on when something has changed', async () => {
    changed()
    await settled()
    expect(calls).toEqual([])
    await store.load()
    expect(store.view).toEqual(NOT_LINKED)
    held = LINKED
    changed()
    await settled()
    expect(store.view).toEqual(LINKED)
    detach()
    changed()
    expect(await store.load()).toBe(false)
    expect(calls).toHaveLength(2)
  })

  it('waits for Twitch, and follows how it ends', async () => {
    await store.load()
    held = { state: 'waiting' }
    expect(await store.link()).toBe(true)
    expect(store.view).toEqual({ state: 'waiting' })
    held = { state: 'not-linked', problem: 'twitch_taken' }
    changed()
    await settled()
    expect(store.view).toEqual(held)
    expect(store.problem).toBeNull()
  })

  it('shows, hides and unlinks, and says so', async () => {
    held = { ...LINKED, shown: true }
    expect(await store.show(true)).toBe(true)
    expect([store.view, store.done]).toEqual([held, 'shown'])
    held = LINKED
    await store.show(false)
    expect(store.done).toBe('hidden')
    held = NOT_LINKED
    expect(await store.unlink()).toBe(true)
    expect([store.view, store.done]).toEqual([NOT_LINKED, 'unlinked'])
    await store.link()
    expect(store.done).toBeNull()
  })

  it('keeps what it showed when a step fails, and says why', async () => {
    held = LINKED
    await store.load()
    held = new ControlError('twitch_unavailable', 60)
    expect(await store.unlink()).toBe(false)
    expect(store.view).toEqual(LINKED)
    expect(store.problem).toEqual({ code: 'twitch_unavailable', retryAfter: 60 })
    expect(store.done).toBeNull()
    held = LINKED
    await store.load()
    expect(store.problem).toBeNull()
  })

  it('asks what is left when there is nothing to show any more', async () => {
    held = LINKED
    await store.load()
    const gone: TwitchView = { state: 'gone', login: 'lumenfox', problem: null }
    held = new ControlError('twitch_not_linked')
    const showing = store.show(true)
    held = gone
    // The refusal was already on its way.
    await showing.catch(() => {})
    expect(store.view).toEqual(gone)
  })

  it('does one thing at a time, and an older answer never covers a newer one', async () => {
    slow = []
    const loading = store.load()
    const linking = store.link()
    expect(await store.unlink()).toBe(false)
    expect(store.busy).toBe(true)
    slow[1]?.({ state: 'waiting' })
    await linking
    slow[0]?.(NOT_LINKED)
    expect(await loading).toBe(false)
    expect(store.view).toEqual({ state: 'waiting' })
    expect(calls).toEqual(['twitchLink', 'linkTwitch'])
  })
})
