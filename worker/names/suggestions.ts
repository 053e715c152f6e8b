import type { AccountId } from '../../protocol/device'
import { nameFault, tidyName } from '../../protocol/display-name-check'
import { NameGenerator, type RandomBelow } from '../../protocol/display-name-generator'
import { MAX_NAME_GRAPHEMES } from '../../protocol/limits'
import { SUGGESTED_NAMES } from '../limits'
import type { NameShardPort, ObjectNamespace } from '../ports'
import { standingOf } from './availability'
import { isReservedName } from './reserved'

const generator = new NameGenerator()
const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' })

/** How often to draw again for names that were taken. */
const MAX_ROUNDS = 3
/** How many of the names resemble what was asked for. */
const MAX_VARIANTS = 3
/** Leaves room for a word or a number beside it. */
const MAX_STEM_GRAPHEMES = MAX_NAME_GRAPHEMES - 10

interface Wish {
  account: AccountId
  like: string
  random: RandomBelow
}

/** Some names that `account` could take now, at first those that resemble `like`. Reserves none of them. */
export async function suggestedNames(
  shards: ObjectNamespace<NameShardPort>,
  { account, like, random }: Wish,
): Promise<string[]> {
  const stem = stemOf(like)
  const free: string[] = []
  for (let round = 0; round < MAX_ROUNDS && free.length < SUGGESTED_NAMES; round++) {
    const drawn = new Set<string>()
    // In the first round alone: a stem that found nothing finds nothing.
    if (round === 0 && stem !== '')
      for (let draw = 0; draw < MAX_VARIANTS; draw++) drawn.add(generator.vary(stem, random))
    while (free.length + drawn.size < SUGGESTED_NAMES) drawn.add(generator.draw(random))
    const candidates = [...drawn].filter((name) => !free.includes(name) && isFit(name))
    const standings = await Promise.all(candidates.map((name) => standingOf(shards, name, account)))
    free.push(...candidates.filter((_, index) => standings[index] === 'free'))
  }
  return free
}

const isFit = (name: string) => nameFault(name) === null && !isReservedName(name)

/** What of a wish may stand in a name; nothing of an e-mail address. */
function stemOf(like: string): string {
  const wish = tidyName(like)
  if (nameFault(wish) === 'address') return ''
  const kept = wish.replace(/[^\p{L}\p{M}\p{N}_.-]+|\p{Default_Ignorable_Code_Point}/gu, '')
  const stem = [...graphemes.segment(kept)].slice(0, MAX_STEM_GRAPHEMES).map(({ segment }) => segment)
  return /\p{L}/u.test(kept) ? stem.join('') : ''
}
