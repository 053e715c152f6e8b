import { beforeEach, describe, expect, it } from 'vitest'
import {
  CALLED_BY,
  CALLED_IN,
  DEFAULT_ATTENTION,
  FOREVER_MS,
  type Attention as Wishes,
} from '../../../protocol/attention'
import type { CallNote } from '../../../protocol/control'
import { mentions, wordFinder } from '../../../protocol/mention'
import { channelRoom } from '../../../protocol/room-id'
import {
  Attention,
  DISTURB_EVERY_MS,
  FRESH_MS,
  type Heard,
  MAX_COUNTED,
} from '../../../services/attention/attention'
import { VirtualClock } from '../world/virtual-clock'

const [one, two] = [channelRoom('one'), channelRoom('two')]

describe('a text', () => {
  it.each([
    ['hey @BraveOtter!', true],
    ['(@braveotter)', true],
    ['hey @BraveOtter.', true],
    ['BraveOtter', false],
    ['@BraveOtters', false],
    ['mail@BraveOtter', false],
    ['@CalmHeron', false],
  ])('%j mentions BraveOtter: %s', (text, does) => expect(mentions(text, 'BraveOtter')).toBe(does))

  it.each([
    ['so an OTTER came', true],
    ['otter!', true],
    ['otters', false],
    ['potter', false],
    ['game night today', true],
    ['game  night', false],
    ['what about c++?', true],
    ['(a|b)* is no pattern', true],
    ['aaa', false],
    ['über den Fluss', true],
    ['überall', false],
  ])('%j has one of the words: %s', (text, has) =>
    expect(wordFinder(['otter', 'game night', 'c++', '(a|b)*', 'Über'])(text)).toBe(has),
  )

  it('has none where there are none', () => expect(wordFinder([])('')).toBe(false))
})

describe('somebody who calls the viewer', () => {
  let clock: VirtualClock
  let told: [number, CallNote | null][]
  let chimes: number
  let attention: Attention
  const want = (more: Partial<Wishes> = {}) =>
    attention.want({ ...DEFAULT_ATTENTION, ...more }, `${CALLED_IN}: ${CALLED_BY}`)
  const hear = (more: Partial<Heard> = {}) =>
    attention.heard({
      room: one,
      login: 'one',
      tab: 7,
      name: 'CalmHeron',
      text: 'hey @BraveOtter',
      ms: clock.now(),
      me: 'BraveOtter',
      answersMe: false,
      inView: false,
      ...more,
    })
  const counts = () => told.map(([count]) => count)
  const notes = () => told.flatMap(([, note]) => note ?? [])

  beforeEach(() => {
    clock = new VirtualClock()
    told = []
    chimes = 0
    attention = new Attention({
      clock,
      tell: (count, note) => told.push([count, note]),
      chime: () => chimes++,
    })
  })

  it('is counted on the icon, silently, until the room is seen', () => {
    hear()
    hear({ text: 'nothing to do with it' })
    hear({ text: 'hm', answersMe: true })
    hear({ room: two, login: 'two' })
    expect(told).toEqual([
      [1, null],
      [2, null],
      [3, null],
    ])
    attention.seen(one)
    attention.seen(one)
    attention.forget(two)
    expect([counts(), chimes]).toEqual([[1, 2, 3, 1, 0], 0])
  })

  it('does so by a word, too', () => {
    want({ words: ['speedrun'] })
    hear({ text: 'next: Speedrun!' })
    expect(counts()).toEqual([1])
  })

  it('is no news in a room that is in view', () => {
    want({ notify: true, sound: true })
    hear({ inView: true })
    expect([told, chimes]).toEqual([[], 0])
  })

  it('is shown and heard, if the viewer wants that, with what was said only if they want that', () => {
    want({ notify: true, sound: true })
    hear()
    clock.advance(DISTURB_EVERY_MS)
    want({ notify: true, sound: true, preview: true })
    hear()
    const note = { tab: 7, title: 'one: CalmHeron' }
    expect(notes()).toEqual([note, { ...note, text: 'hey @BraveOtter' }])
    expect(chimes).toBe(2)
  })

  it('cannot flood: each room disturbs now and then, and the rest is counted', () => {
    want({ notify: true, sound: true })
    for (let n = 0; n < 50; n++) {
      hear()
      clock.advance(100)
    }
    hear({ room: two, login: 'two' })
    expect([notes().length, chimes, counts().at(-1)]).toEqual([2, 2, 51])
    clock.advance(DISTURB_EVERY_MS)
    hear()
    expect(notes()).toHaveLength(3)
    for (let n = 0; n < 100; n++) hear()
    expect(counts().at(-1)).toBe(MAX_COUNTED)
  })

  it('does not disturb with what is old, but is counted', () => {
    want({ notify: true, sound: true })
    hear({ ms: clock.now() - FRESH_MS })
    expect([told, chimes]).toEqual([[[1, null]], 0])
  })

  it('does not disturb who does not want to be disturbed, until the time is over', () => {
    want({ notify: true, sound: true, quietUntil: clock.now() + 3_600_000 })
    hear()
    expect([notes(), chimes, counts()]).toEqual([[], 0, [1]])
    clock.advance(3_600_000)
    hear()
    expect([notes().length, chimes]).toEqual([1, 1])
    want({ notify: true, quietUntil: FOREVER_MS })
    clock.advance(10 * 365 * 86_400_000)
    hear()
    expect(notes()).toHaveLength(1)
  })

  it('is not counted where the viewer wants no number, and is again when they do', () => {
    want({ badge: false })
    hear()
    expect(told).toEqual([])
    want()
    expect(counts()).toEqual([1])
    want({ badge: false })
    expect(counts()).toEqual([1, 0])
  })
})
