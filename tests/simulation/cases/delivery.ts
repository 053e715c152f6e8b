import type { Broadcast } from '../engine/broadcasts'
import { draw } from '../engine/chance'
import { Crowd } from '../engine/crowd'
import type { Member } from '../engine/member'
import { degreeOf, isConnected, mean, redundancy, shortfall } from '../metrics'
import { defineCase, NONE_MISSED, settle } from './case'

/** After what was said last, links that are slow have this long (ms). */
const REST_MS = 15_000

export const steady = defineCase({
  name: 'steady',
  title: '10,000 members; one speaks each second, then anybody',
  nodes: 10_000,
  bars: {
    missed: NONE_MISSED,
    lastHop: { what: 'last hop, mean', most: 9, digits: 1 },
    furthest: { what: 'last hop of the furthest message' },
    lastMs: { what: 'last member has it after, mean', unit: 's', digits: 2 },
    redundancy: { what: 'RMR', digits: 3 },
    anybodyHop: { what: 'last hop, mean, where anybody speaks', digits: 1 },
    anybodyMs: { what: 'last member has it after, mean, then', unit: 's', digits: 2 },
    anybodyRedundancy: { what: 'RMR then', digits: 3 },
    degree: { what: 'largest active view', most: 5, counts: 'worst' },
    smallest: { what: 'smallest active view' },
    coreTime: { what: 'one process, seconds of one core', most: 300, unit: 's' },
  },
  measure({ seed, nodes }) {
    const began = process.cpuUsage()
    const crowd = new Crowd(seed, nodes)
    settle(crowd, nodes)
    const speakers = draw(crowd.members, 1, crowd.world.random)
    crowd.converse(90_000, 1_000, speakers)
    const said = crowd.converse(30_000, 1_000, speakers)
    crowd.world.pass(REST_MS)
    const anybody = crowd.converse(30_000, 1_000)
    crowd.world.pass(REST_MS)
    const members = crowd.present
    const degrees = members.map(degreeOf)
    return {
      figures: {
        missed: shortfall([...said, ...anybody], () => members).late,
        lastHop: meanLastHop(said),
        furthest: Math.max(...said.map(({ lastHop }) => lastHop)),
        lastMs: meanLastMs(said, members) / 1_000,
        redundancy: redundancy(said, nodes),
        anybodyHop: meanLastHop(anybody),
        anybodyMs: meanLastMs(anybody, members) / 1_000,
        anybodyRedundancy: redundancy(anybody, nodes),
        degree: Math.max(...degrees),
        smallest: Math.min(...degrees),
        coreTime: process.cpuUsage(began).user / 1e6,
      },
      drawn: { crowd, said },
    }
  },
})

const meanLastHop = (said: readonly Broadcast[]): number => mean(said.map(({ lastHop }) => lastHop))

const meanLastMs = (said: readonly Broadcast[], members: readonly Member[]): number =>
  mean(said.map((broadcast) => Math.max(...members.map(({ index }) => broadcast.delayTo(index)))))

const broadcastCase = (
  name: string,
  title: string,
  most: number,
  converse: (crowd: Crowd) => ReturnType<Crowd['converse']>,
) =>
  defineCase({
    name,
    title,
    nodes: 1_000,
    bars: {
      missed: NONE_MISSED,
      redundancy: { what: 'RMR', most, digits: 3 },
      lastHop: { what: 'last hop, mean', digits: 1 },
    },
    measure({ seed, nodes }) {
      const crowd = new Crowd(seed, nodes)
      settle(crowd, nodes, 30_000)
      const said = converse(crowd)
      crowd.world.pass(REST_MS)
      return {
        figures: {
          missed: shortfall(said, () => crowd.present).late,
          redundancy: redundancy(said, nodes),
          lastHop: mean(said.map(({ lastHop }) => lastHop)),
        },
      }
    },
  })

export const oneSender = broadcastCase(
  'one-sender',
  'one member speaks each second, after warm-up',
  0.1,
  (crowd) => {
    const speakers = crowd.members.slice(0, 1)
    crowd.converse(60_000, 1_000, speakers)
    return crowd.converse(60_000, 1_000, speakers)
  },
)

export const hundredSenders = broadcastCase(
  '100-senders',
  '100 members speak, ten times a second',
  0.5,
  (crowd) => {
    const speakers = draw(crowd.members, 100, crowd.world.random)
    crowd.converse(30_000, 100, speakers)
    return crowd.converse(60_000, 100, speakers)
  },
)

export const allAtOnce = broadcastCase('all-at-once', 'all members speak in the same moment', 3, (crowd) => {
  crowd.converse(30_000, 1_000)
  return crowd.present.map((member) => crowd.say(member))
})

export const coldStorm = defineCase({
  name: 'cold-storm',
  title: '250 come within one second',
  nodes: 250,
  bars: {
    connected: { what: 'all connected after', most: 30, unit: 's', digits: 1 },
    dials: { what: 'dials of a member at once', most: 10, counts: 'worst' },
    missed: NONE_MISSED,
  },
  measure({ seed, nodes }) {
    const crowd = new Crowd(seed, nodes)
    crowd.gather(nodes, 1_000)
    const { world } = crowd
    const isJoined = world.passUntil(() => isConnected(crowd.present), 60_000, 250)
    const connected = isJoined ? world.elapsed / 1_000 : Number.POSITIVE_INFINITY
    const said = crowd.converse(30_000, 1_000)
    world.pass(REST_MS)
    return {
      figures: {
        connected,
        dials: Math.max(...crowd.members.map(({ dialling }) => dialling.mostDials)),
        missed: shortfall(said, () => crowd.present).late,
      },
    }
  },
})
