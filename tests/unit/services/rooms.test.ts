import { beforeEach, describe, expect, it } from 'vitest'
import { channelRoom, type RoomId } from '../../../protocol/room-id'
import { LEAVE_GRACE_MS, Rooms } from '../../../services/room/rooms'
import { VirtualClock } from '../world/virtual-clock'

const one = channelRoom('one')
const two = channelRoom('two')

let clock: VirtualClock
let log: string[]
let rooms: Rooms<{ leave(): void }>
const start = (room: RoomId) => {
  log.push(`join ${room}`)
  return { leave: () => void log.push(`leave ${room}`) }
}

beforeEach(() => {
  clock = new VirtualClock()
  log = []
  rooms = new Rooms(clock)
  rooms.restart(start)
})

describe('rooms', () => {
  it('are shared by tabs and left a while after the last one went', () => {
    rooms.want(1, one)
    rooms.want(2, one)
    rooms.want(1, null)
    clock.advance(LEAVE_GRACE_MS)
    expect(log).toEqual([`join ${one}`])
    rooms.want(2, null)
    clock.advance(LEAVE_GRACE_MS - 1)
    expect(log).toEqual([`join ${one}`])
    clock.advance(1)
    expect(log).toEqual([`join ${one}`, `leave ${one}`])
  })

  it('outlive a reload', () => {
    rooms.want(1, one)
    rooms.want(1, null)
    clock.advance(LEAVE_GRACE_MS - 1)
    rooms.want(1, one)
    clock.advance(10 * LEAVE_GRACE_MS)
    expect(log).toEqual([`join ${one}`])
  })

  it('change with the channel of a tab', () => {
    rooms.want(1, one)
    rooms.want(1, two)
    clock.advance(LEAVE_GRACE_MS)
    expect(log).toEqual([`join ${one}`, `join ${two}`, `leave ${one}`])
  })

  it('wait for someone to sign in, and end when they sign out', () => {
    rooms.restart(null)
    rooms.want(1, one)
    expect(log).toEqual([])
    rooms.restart(start)
    expect(log).toEqual([`join ${one}`])
    rooms.restart(null)
    expect(log).toEqual([`join ${one}`, `leave ${one}`])
    expect(rooms.all).toEqual([])
  })

  it('leave no timer behind', () => {
    rooms.want(1, one)
    rooms.want(1, null)
    rooms.restart(null)
    expect(clock.pending).toBe(0)
  })
})
