import type { Broadcast } from '../engine/broadcasts'
import { Crowd } from '../engine/crowd'
import type { Member } from '../engine/member'
import { components, degreeOf, isConnected, shortfall } from '../metrics'
import { defineCase, NONE_MISSED, settle } from './case'

const REST_MS = 15_000
const REPAIR_MS = 5 * 60_000

/** Many are gone at once, while somebody speaks each second. */
function afterDeaths({ seed, nodes }: { seed: number; nodes: number }, share: number, hasRoom: boolean) {
  const crowd = new Crowd(seed, nodes)
  settle(crowd, nodes, 30_000)
  crowd.converse(30_000, 1_000)
  crowd.kill(share)
  if (!hasRoom) crowd.room.fail()
  const survivors = crowd.present
  const { world } = crowd
  const diedAt = world.now
  let wholeAt = Number.POSITIVE_INFINITY
  const during: Broadcast[] = []
  while (world.now - diedAt < REPAIR_MS) {
    during.push(...crowd.converse(1_000, 1_000))
    const isWhole = isConnected(survivors) && survivors.every((member) => degreeOf(member) > 0)
    if (!isWhole) wholeAt = Number.POSITIVE_INFINITY
    else wholeAt = Math.min(wholeAt, world.now)
  }
  const said = crowd.converse(30_000, 1_000)
  world.pass(REST_MS)
  const groups = components(survivors)
  const groupOf = new Map<number, readonly Member[]>()
  for (const group of groups) for (const { index } of group) groupOf.set(index, group)
  return {
    survivors,
    said,
    during,
    repairedAfter: (wholeAt - diedAt) / 1_000,
    largest: groups[0]?.length ?? 0,
    groups: groups.length,
    reachable: (broadcast: Broadcast) => groupOf.get(broadcast.source) ?? [],
  }
}

const deaths = (percent: number) =>
  defineCase({
    name: `${percent}-die`,
    title: `${percent} % of 1,000 die at once, with the room object`,
    nodes: 1_000,
    bars: {
      missed: { ...NONE_MISSED, what: 'missed after the repair' },
      during: { ...NONE_MISSED, what: 'missed of what was said before, in the end' },
      repaired: { what: 'survivors connected after', unit: 's', most: 300, digits: 0 },
    },
    measure(setting) {
      const { survivors, said, during, repairedAfter } = afterDeaths(setting, percent / 100, true)
      return {
        figures: {
          missed: shortfall(said, () => survivors).late,
          during: shortfall(during, () => survivors).late,
          repaired: repairedAfter,
        },
      }
    },
  })

export const half = deaths(50)
export const seventy = deaths(70)
export const eighty = deaths(80)
export const ninety = deaths(90)

/**
 * With a tenth of the members left, each has half a link on average: what is left of the graph is fragments of a few, and nothing
 * that they could send each other has a way. Without a place to meet no protocol joins them again.
 */
export const ninetyAlone = defineCase({
  name: '90-die-alone',
  title: '90 % of 1,000 die at once, and the room object with them',
  nodes: 1_000,
  bars: {
    within: { what: '% delivered within what is connected', least: 99, digits: 2 },
    overall: { what: '% delivered to all survivors', digits: 2 },
    largest: { what: 'members of the largest fragment' },
    groups: { what: 'fragments' },
  },
  measure(setting) {
    const { survivors, said, largest, groups, reachable } = afterDeaths(setting, 0.9, false)
    const within = shortfall(said, reachable)
    const overall = shortfall(said, () => survivors)
    return {
      figures: {
        within: 100 * (1 - within.late / within.pairs),
        overall: 100 * (1 - overall.late / overall.pairs),
        largest,
        groups,
      },
    }
  },
})

/** Members have to be there so long before something is said, and after, to count (ms). */
const CAME_BEFORE_MS = 10_000
const STAYED_AFTER_MS = 30_000

export const churn = defineCase({
  name: 'churn',
  title: 'twice the membership of 500 comes and goes each minute, ten minutes long',
  nodes: 500,
  bars: {
    delivered: { what: '% delivered to those present', least: 99.99, digits: 4 },
    live: { what: '% of it within 10 s', digits: 3 },
    unheard: { what: 'messages that died with their authors, of 600' },
    crowd: { what: 'members in the end' },
  },
  measure({ seed, nodes }) {
    const minutes = 10
    const crowd = new Crowd(seed, nodes * (2 * minutes + 2))
    settle(crowd, nodes, 30_000)
    const { world } = crowd
    const everyMs = 60_000 / (2 * nodes)
    const replaceOne = () => {
      crowd.killOne()
      crowd.join()
    }
    for (let at = 0; at < minutes * 60_000; at += everyMs)
      world.later(at + everyMs * world.random(), replaceOne)
    const said = crowd.converse(minutes * 60_000, 1_000)
    world.pass(STAYED_AFTER_MS)
    const expects = ({ sentAt }: Broadcast) =>
      crowd.members.filter(
        ({ joinedAt, leftAt }) => joinedAt + CAME_BEFORE_MS <= sentAt && leftAt >= sentAt + STAYED_AFTER_MS,
      )
    // Whoever says something when all its links are dead, and dies before it notices, is heard by nobody.
    const heard = said.filter(({ holders }) => holders > 1)
    const { pairs, late } = shortfall(heard, expects, STAYED_AFTER_MS)
    const slow = shortfall(heard, expects, 10_000)
    return {
      figures: {
        delivered: 100 * (1 - late / pairs),
        live: 100 * (1 - slow.late / slow.pairs),
        unheard: said.length - heard.length,
        crowd: crowd.present.length,
      },
    }
  },
})

export const partition = defineCase({
  name: 'partition',
  title: 'two halves of 1,000 are torn apart for five minutes',
  nodes: 1_000,
  bars: {
    agreed: { what: 'everyone holds the same log after', most: 600, unit: 's', digits: 0 },
    fragments: { what: 'parts of the room while it is torn' },
    missed: { ...NONE_MISSED, what: 'missed of what is said then' },
  },
  measure({ seed, nodes }) {
    const crowd = new Crowd(seed, nodes)
    settle(crowd, nodes, 30_000)
    crowd.converse(30_000, 1_000)
    const { world, broadcasts } = crowd
    crowd.tear()
    crowd.converse(5 * 60_000, 1_000)
    const fragments = components(crowd.present).length
    crowd.heal()
    const healedAt = world.now
    const holdAll = () => broadcasts.messages.every(({ holders }) => holders === nodes)
    const isAgreed = world.passUntil(holdAll, 10 * 60_000)
    const agreed = isAgreed ? (world.now - healedAt) / 1_000 : Number.POSITIVE_INFINITY
    const said = crowd.converse(30_000, 1_000)
    world.pass(REST_MS)
    return {
      figures: { agreed, fragments, missed: shortfall(said, () => crowd.present).late },
    }
  },
})
