import type { Misconduct } from '../engine/adversary'
import { Crowd } from '../engine/crowd'
import { isConnected, percentile, shortfall } from '../metrics'
import { defineCase, NONE_MISSED } from './case'

const LATE_MS = 10_000
const ADVERSARIES_PER_HONEST = 4
const NETWORKS = 5
const CONVERSE_MS = 4 * 60_000

/** Honest members of as many networks against four times as many of a few. */
const against = (misconduct: Misconduct, doing: string) =>
  defineCase({
    name: `adversaries-${misconduct}`,
    title: `200 honest members, 800 adversaries of ${NETWORKS} networks that ${doing}`,
    nodes: 200,
    bars: {
      late: { what: '% late by more than 10 s', most: 1, digits: 2 },
      missed: { ...NONE_MISSED, what: 'missed after reconciliation' },
      pruned: { what: 'offenders rid of after, p95', most: 60, unit: 's', digits: 0 },
      together: { what: 'honest members connected without them' },
    },
    measure({ seed, nodes }) {
      const adversaries = ADVERSARIES_PER_HONEST * nodes
      const crowd = new Crowd(seed, nodes + adversaries)
      const { world } = crowd
      crowd.beginPresence()
      for (let nth = 0; nth < adversaries; nth++)
        world.later(60_000 * world.random(), () => {
          crowd.joinAdversary(`crowd ${nth % NETWORKS}`, misconduct)
        })
      crowd.gather(nodes, 60_000)
      crowd.converse(60_000, 1_000)
      const began = world.now
      const said = crowd.converse(CONVERSE_MS, 1_000)
      const together = Number(isConnected(crowd.honest))
      const ended = world.now
      world.pass(2 * 60_000)
      const late = shortfall(said, () => crowd.honest, LATE_MS)
      const lived = crowd.riddances
        .filter(({ openedAt }) => openedAt >= began && openedAt < ended - 60_000)
        .map(({ openedAt, endedAt }) => (Math.min(endedAt, ended) - openedAt) / 1_000)
      return {
        figures: {
          late: (100 * late.late) / late.pairs,
          missed: shortfall(said, () => crowd.honest).late,
          pruned: percentile(lived, 0.95),
          together,
        },
        drawn: { crowd, said },
      }
    },
  })

export const mutes = against('mute', 'pass nothing on')
export const liars = against('liar', 'announce what they never send')
export const recruiters = against('recruiter', 'pass nothing on and name only each other')
