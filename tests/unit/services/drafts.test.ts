import { beforeEach, expect, it } from 'vitest'
import type { AccountId } from '../../../protocol/device'
import { accountIdSchema } from '../../../protocol/device'
import type { Draft } from '../../../protocol/draft'
import { Drafts } from '../../../services/drafts/drafts'
import {
  type DraftStore,
  MAX_DRAFTS,
  type PlacedDraft,
  SAVE_AFTER_MS,
} from '../../../services/drafts/own-drafts'
import { VirtualClock } from '../world/virtual-clock'

const ANN = accountIdSchema.parse('annAAAAAAAAAAAAAAAAAAA')
const BOB = accountIdSchema.parse('bobAAAAAAAAAAAAAAAAAAA')
const words = (text: string): Draft => ({ text, reply: null })
const settled = () => new Promise((resolve) => setTimeout(resolve, 0))

let clock: VirtualClock
let stored: Map<AccountId, readonly PlacedDraft[]>
let saves: number
let isBroken: boolean
const store: DraftStore = {
  async load(owner) {
    if (isBroken) throw new Error('no storage')
    return stored.get(owner) ?? []
  },
  async save(owner, drafts) {
    if (isBroken) throw new Error('no storage')
    saves += 1
    stored.set(owner, drafts)
  },
}

/** The browser starts. */
function start(owner = ANN): Drafts {
  const drafts = new Drafts(clock, store)
  drafts.become(owner)
  return drafts
}

async function rest(): Promise<void> {
  clock.advance(SAVE_AFTER_MS)
  await settled()
}

beforeEach(() => {
  clock = new VirtualClock()
  stored = new Map()
  saves = 0
  isBroken = false
})

it('gives back what was being written when the browser starts again, room by room', async () => {
  const drafts = start()
  drafts.keep(`${ANN} one`, words('half a'))
  drafts.keep(`${ANN} one`, words('half a sentence'))
  drafts.keep(`${ANN} two`, { text: '', reply: { id: 'x', name: 'CalmHeron' } })
  expect(await drafts.draft(`${ANN} one`)).toEqual(words('half a sentence'))
  await rest()
  expect(saves).toBe(1)
  const again = start()
  expect(await again.draft(`${ANN} one`)).toEqual(words('half a sentence'))
  expect((await again.draft(`${ANN} two`))?.reply).toEqual({ id: 'x', name: 'CalmHeron' })
  expect(await again.draft(`${ANN} three`)).toBeNull()
})

it('forgets what was said', async () => {
  const drafts = start()
  drafts.keep(`${ANN} one`, words('half'))
  await rest()
  const again = start()
  // Before what is stored is known.
  again.keep(`${ANN} one`, words(''))
  expect(await again.draft(`${ANN} one`)).toBeNull()
  await rest()
  expect(stored.get(ANN)).toEqual([])
})

it('keeps each account’s apart, and stores the last of one that leaves', async () => {
  const drafts = start()
  drafts.keep(`${ANN} one`, words('of Ann'))
  drafts.become(BOB)
  expect(await drafts.draft(`${ANN} one`)).toBeNull()
  drafts.keep(`${ANN} one`, words('not Bob’s to write'))
  await rest()
  expect([...stored]).toEqual([[ANN, [{ place: `${ANN} one`, ...words('of Ann') }]]])
  drafts.become(null)
  drafts.keep(`${BOB} one`, words('of nobody'))
  await rest()
  expect(stored.has(BOB)).toBe(false)
})

it('lets those longest untouched go', async () => {
  const drafts = start()
  for (let room = 0; room <= MAX_DRAFTS; room++) drafts.keep(`${ANN} room${room}`, words(`in ${room}`))
  drafts.keep(`${ANN} room1`, words('touched again'))
  drafts.keep(`${ANN} another`, words('new'))
  await rest()
  const places = stored.get(ANN)?.map(({ place }) => place.slice(ANN.length + 1))
  expect(places).toHaveLength(MAX_DRAFTS)
  expect(places).not.toContain('room0')
  expect(places).not.toContain('room2')
  expect(places?.slice(-2)).toEqual(['room1', 'another'])
})

it('loses no other room’s when storage could not be read at first', async () => {
  stored.set(ANN, [{ place: `${ANN} one`, ...words('of before') }])
  isBroken = true
  const drafts = start()
  drafts.keep(`${ANN} two`, words('meanwhile'))
  expect(await drafts.draft(`${ANN} one`)).toBeNull()
  await rest()
  isBroken = false
  drafts.keep(`${ANN} two`, words('later'))
  await rest()
  expect(stored.get(ANN)?.map(({ text }) => text)).toEqual(['of before', 'later'])
})
