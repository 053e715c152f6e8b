import { expect, it } from 'vitest'
import { StorageError } from '../../../services/history/archive'
import { HistoryWriter } from '../../../services/history/history-writer'
import { RoomWorld } from '../world/room-world'
import { pass, until, VirtualClock } from '../world/virtual-clock'

it('leaves no timer behind, also where storage goes on failing', async () => {
  const world = await RoomWorld.create()
  const ada = await world.join('AdaOtter12')
  await ada.say('hello')
  await until(world.clock, () => ada.texts().length === 1)
  const [message] = ada.session.log.all
  await world.close()
  if (!message) throw new Error('nothing said')
  const clock = new VirtualClock()
  const append = () => Promise.reject(new StorageError('full'))
  const writer = new HistoryWriter({ clock, archive: { append }, onProblem: () => {} })
  writer.add(message)
  await writer.close()
  writer.add(message)
  await pass(clock, 500)
  expect(clock.pending).toBe(0)
})
