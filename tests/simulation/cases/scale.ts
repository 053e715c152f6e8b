import { draw } from '../engine/chance'
import { Crowd } from '../engine/crowd'
import type { Member } from '../engine/member'
import { RoomObject } from '../engine/room-object'
import { bytesSent, shortfall } from '../metrics'
import { defineCase, NONE_MISSED, settle } from './case'

export const idle = defineCase({
  name: 'idle',
  title: '10,000 members, nobody says anything',
  nodes: 10_000,
  bars: {
    rate: { what: 'sent by a member, mean', most: 200, unit: 'B/s', digits: 0 },
    busiest: { what: 'sent by the busiest member', unit: 'B/s', digits: 0 },
    requests: { what: 'requests of the room object a minute' },
  },
  measure({ seed, nodes }) {
    const crowd = new Crowd(seed, nodes)
    settle(crowd, nodes, 60_000, 120_000)
    const seconds = 180
    const before = bytesSent(crowd.present)
    const each = crowd.present.map(({ sentBytes }) => sentBytes)
    const requests = crowd.room.requests
    crowd.world.pass(seconds * 1_000)
    const after = bytesSent(crowd.present)
    const rates = crowd.present.map(({ sentBytes }, nth) => (sentBytes - (each[nth] ?? 0)) / seconds)
    return {
      figures: {
        rate: (after - before) / seconds / nodes,
        busiest: Math.max(...rates),
        requests: (60 * (crowd.room.requests - requests)) / seconds,
      },
    }
  },
})

const CELLS = 4
const BRIDGES = 3

export const cells = defineCase({
  name: 'cells',
  title: '4 cells of 1,000, each two joined by 3 members that are in both',
  nodes: 4_000,
  bars: { missed: NONE_MISSED, lastMs: { what: 'last member has it after', unit: 's', digits: 2 } },
  measure({ seed, nodes }) {
    const bridges = (BRIDGES * CELLS * (CELLS - 1)) / 2
    const crowd = new Crowd(seed, nodes + bridges)
    const { world } = crowd
    const rooms = Array.from({ length: CELLS }, () => new RoomObject(world))
    const inhabitants = rooms.map((): Member[] => [])
    for (let nth = 0; nth < nodes; nth++) {
      const cell = nth % CELLS
      world.later(60_000 * world.random(), () => void inhabitants[cell]?.push(crowd.join(rooms[cell])))
    }
    world.pass(60_000)
    for (const [first, members] of inhabitants.entries())
      for (const room of rooms.slice(first + 1))
        for (const member of draw(members, BRIDGES, world.random)) crowd.bridge(member, room)
    world.pass(60_000)
    crowd.beginPresence()
    crowd.converse(30_000, 1_000)
    const said = crowd.converse(30_000, 1_000)
    world.pass(15_000)
    const members = crowd.present
    const delays = said.map((broadcast) => Math.max(...members.map(({ index }) => broadcast.delayTo(index))))
    return {
      figures: {
        missed: shortfall(said, () => members).late,
        lastMs: Math.max(...delays) / 1_000,
      },
    }
  },
})
