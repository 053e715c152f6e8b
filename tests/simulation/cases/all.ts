import { liars, mutes, recruiters } from './adversity'
import type { Case } from './case'
import { allAtOnce, coldStorm, hundredSenders, oneSender, steady } from './delivery'
import { churn, eighty, half, ninety, ninetyAlone, partition, seventy } from './repair'
import { cells, idle } from './scale'

/** In the order of the table. */
export const CASES: readonly Case[] = [
  steady,
  oneSender,
  hundredSenders,
  allAtOnce,
  half,
  seventy,
  eighty,
  ninety,
  ninetyAlone,
  churn,
  partition,
  mutes,
  liars,
  recruiters,
  coldStorm,
  idle,
  cells,
]
