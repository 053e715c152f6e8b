import { beforeEach, describe, expect, it } from 'vitest'
import { MAX_CLOCK_AHEAD_MS } from '../../../../protocol/limits'
import { KEY_REFRESH_MS } from '../../../../services/passports'
import { Registrar } from '../../world/registrar'
import { DAY, HOUR, SignedPast } from './signed-past'

let past: SignedPast

beforeEach(async () => {
  past = await SignedPast.create()
})

describe('a passport at another time', () => {
  it('holds from when it was issued, or a little before, until it ends', async () => {
    const jwt = await past.passport(past.ann, past.now - 3 * DAY)
    const from = Math.floor((past.now - 3 * DAY) / 1000) * 1000
    const holds = (ms: number) =>
      past.passports.verifyAt(jwt, ms).then(
        () => true,
        () => false,
      )
    const edges = [
      [from - MAX_CLOCK_AHEAD_MS - 1, false],
      [from - MAX_CLOCK_AHEAD_MS, true],
      [from + DAY, true],
      [from + DAY + 1, false],
    ] as const
    // Anew, and as remembered.
    for (const _ of [1, 2]) for (const [ms, expected] of edges) expect(await holds(ms)).toBe(expected)
    past.passports = past.newPassports()
    expect(await holds(from + DAY + 1)).toBe(false)
    expect(await holds(from - MAX_CLOCK_AHEAD_MS - 1)).toBe(false)
  })

  it('that has ended does not hold now because it was once found to have held', async () => {
    const jwt = await past.passport(past.ann, past.now - 3 * DAY)
    await past.passports.verifyAt(jwt, past.now - 3 * DAY)
    await expect(past.passports.verify(jwt)).rejects.toThrow()
  })

  it('is checked once, and asks for keys no more often for all the past it vouches for', async () => {
    const stranger = await Registrar.open('other-key')
    let fetched = 0
    past.passports = past.newPassports(() => fetched++)
    for (let day = 20; day > 0; day--) {
      const jwt = await stranger.passport(past.ann, past.now - day * DAY)
      await expect(past.passports.verifyAt(jwt, past.now - day * DAY)).rejects.toThrow()
    }
    expect(fetched).toBe(1)
    past.clock.advance(KEY_REFRESH_MS)
    await expect(
      past.passports.verifyAt(await stranger.passport(past.ann, past.now), past.now),
    ).rejects.toThrow()
    expect(fetched).toBe(2)
    const jwt = await past.passport(past.ann, past.now - DAY)
    const first = await past.passports.verifyAt(jwt, past.now - DAY)
    expect(await past.passports.verifyAt(jwt, past.now - HOUR)).toBe(first)
  })
})
