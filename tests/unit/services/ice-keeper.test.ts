import { beforeEach, expect, it } from 'vitest'
import { ICE_RENEW_MS, type IcePass } from '../../../protocol/control'
import { IceKeeper } from '../../../services/mesh/ice-keeper'
import { pass, VirtualClock } from '../world/virtual-clock'

const MINUTE = 60_000

let clock: VirtualClock
/** When the Worker was asked, in minutes. */
let asked: number[]
let holdsMs: number

beforeEach(() => {
  clock = new VirtualClock()
  asked = []
  holdsMs = 60 * MINUTE
})

function keep(): IceKeeper {
  const begunAt = clock.now()
  return new IceKeeper({
    clock,
    random: () => 0.5,
    fetch: async (): Promise<IcePass> => {
      asked.push(Math.round((clock.now() - begunAt) / MINUTE))
      return { iceServers: [{ urls: ['turn:t.test'] }], expiresAt: clock.now() + holdsMs }
    },
    onChange: () => {},
  })
}

it('asks for relays again when those it has hold for ten minutes more', async () => {
  const keeper = keep()
  await pass(clock, 121 * MINUTE, MINUTE / 2)
  expect(asked).toEqual([0, 50, 100])
  expect(keeper.servers).toHaveLength(1)
  keeper.close()
  expect(clock.pending).toBe(0)
})

it('asks no more often than the Worker answers while there are only such as hold for a short time', async () => {
  holdsMs = ICE_RENEW_MS
  const keeper = keep()
  await pass(clock, 16 * MINUTE, MINUTE / 2)
  expect(asked).toEqual([0, 5, 10, 15])
  keeper.close()
})
