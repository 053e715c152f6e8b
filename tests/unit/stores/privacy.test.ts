import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import { ControlError, type PrivacyView } from '../../../protocol/control'
import { usePrivacyStore } from '../../../stores/privacy'
import { settled } from './fake-host'

describe('the privacy store', () => {
  let privacy: ReturnType<typeof usePrivacyStore>
  /** What the background holds. */
  let held: PrivacyView
  let asked: number
  let saving: { direct: boolean; keep(): Promise<void>; refuse(): Promise<void> }[]
  let answers: ((view: PrivacyView) => void)[] | null
  let isReadable: boolean
  let changed: () => void
  let isFollowing: boolean

  const attach = () =>
    privacy.attach({
      plane: {
        privacy: () => {
          asked += 1
          if (!isReadable) return Promise.reject(new ControlError('internal'))
          const pending = answers
          return pending ? new Promise((resolve) => pending.push(resolve)) : Promise.resolve(held)
        },
        setDirect: (direct) =>
          new Promise((resolve, reject) => {
            saving.push({
              direct,
              keep: () => {
                held = { ...held, direct }
                resolve()
                return settled().then(() => {})
              },
              refuse: () => {
                reject(new ControlError('internal'))
                return settled().then(() => {})
              },
            })
          }),
      },
      onChanged: (listener) => {
        changed = listener
        isFollowing = true
        return () => {
          isFollowing = false
        }
      },
    })

  beforeEach(() => {
    setActivePinia(createPinia())
    privacy = usePrivacyStore()
    held = { direct: false, forced: null }
    asked = 0
    saving = []
    answers = null
    isReadable = true
    isFollowing = false
  })

  it('knows nothing before the background has answered, and then what it holds', async () => {
    held = { direct: true, forced: null }
    expect(privacy.direct).toBeNull()
    await attach()
    expect(privacy.direct).toBe(true)
    expect(privacy.forced).toBeNull()
  })

  it('is relayed where the background cannot say', async () => {
    isReadable = false
    await attach()
    expect(privacy.direct).toBe(false)
    expect(privacy.failed).toBe(false)
    isReadable = true
    held = { direct: true, forced: null }
    changed()
    await settled()
    expect(privacy.direct).toBe(true)
    isReadable = false
    changed()
    await settled()
    expect(privacy.direct).toBe(true)
  })

  it('shows a choice at once and keeps it', async () => {
    await attach()
    const kept = privacy.choose(true)
    expect(privacy.direct).toBe(true)
    await saving[0]?.keep()
    expect(await kept).toBe(true)
    expect(saving.map(({ direct }) => direct)).toEqual([true])
    expect(privacy.direct).toBe(true)
  })

  it('believes that a choice is kept although nothing more can be asked', async () => {
    await attach()
    void privacy.choose(true)
    isReadable = false
    await saving[0]?.keep()
    expect(privacy.direct).toBe(true)
    expect(privacy.failed).toBe(false)
  })

  it('goes back to what holds when a choice cannot be kept, and says so until the next one', async () => {
    await attach()
    const kept = privacy.choose(true)
    await saving[0]?.refuse()
    expect(await kept).toBe(false)
    expect(privacy.direct).toBe(false)
    expect(privacy.failed).toBe(true)
    void privacy.choose(true)
    expect(privacy.failed).toBe(false)
    await saving[1]?.keep()
    expect(privacy.direct).toBe(true)
    expect(privacy.failed).toBe(false)
  })

  it('takes the last of several choices', async () => {
    await attach()
    void privacy.choose(true)
    void privacy.choose(false)
    await saving[0]?.keep()
    expect(privacy.direct).toBe(false)
    await saving[1]?.keep()
    expect(privacy.direct).toBe(false)
    void privacy.choose(true)
    void privacy.choose(false)
    await saving[2]?.keep()
    await saving[3]?.refuse()
    expect(privacy.direct).toBe(true)
    expect(privacy.failed).toBe(true)
  })

  it('says nothing of an earlier choice that failed', async () => {
    await attach()
    void privacy.choose(true)
    void privacy.choose(false)
    void privacy.choose(true)
    await saving[0]?.refuse()
    expect(privacy.failed).toBe(false)
    expect(privacy.direct).toBe(true)
    await saving[1]?.keep()
    expect(privacy.direct).toBe(true)
    await saving[2]?.keep()
    expect(privacy.direct).toBe(true)
  })

  it('follows what another page chose, until it is told to stop', async () => {
    const stop = await attach()
    held = { direct: true, forced: null }
    changed()
    await settled()
    expect(privacy.direct).toBe(true)
    stop()
    expect(isFollowing).toBe(false)
    expect(await privacy.choose(false)).toBe(false)
    expect(saving).toEqual([])
  })

  it('asks anew after a choice in whose way something else came', async () => {
    await attach()
    void privacy.choose(true)
    changed()
    expect(asked).toBe(1)
    await saving[0]?.keep()
    expect(asked).toBe(2)
    void privacy.choose(false)
    held = { direct: false, forced: 'broadcaster' }
    changed()
    await saving[1]?.keep()
    expect(privacy.forced).toBe('broadcaster')
  })

  it('believes no answer older than the choice', async () => {
    await attach()
    answers = []
    changed()
    void privacy.choose(true)
    const [late] = answers
    answers = null
    await saving[0]?.keep()
    late?.({ direct: false, forced: null })
    await settled()
    expect(privacy.direct).toBe(true)
  })

  it('believes the newest of several answers', async () => {
    await attach()
    answers = []
    changed()
    changed()
    const [first, second] = answers
    second?.({ direct: true, forced: null })
    await settled()
    first?.({ direct: false, forced: null })
    await settled()
    expect(privacy.direct).toBe(true)
  })

  it('leaves a linked broadcaster no choice', async () => {
    held = { direct: false, forced: 'broadcaster' }
    await attach()
    expect(await privacy.choose(true)).toBe(false)
    expect(saving).toEqual([])
    expect(privacy.direct).toBe(false)
  })
})
