import { describe, expect, it } from 'vitest'
import * as bttv from '../../../../services/emotes/better-ttv'
import * as ffz from '../../../../services/emotes/franker-facez'
import { MAX_EMOTES } from '../../../../services/emotes/reading'
import * as sevenTv from '../../../../services/emotes/seven-tv'
import * as answers from '../../../fixtures/emotes/answers'

/** As it comes over the wire. */
const wire = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

describe("7TV's answers", () => {
  it('tell a channel: aliases, overlays, measures; nothing unlisted or against the rules of Twitch', () => {
    expect(sevenTv.readChannel(wire(answers.sevenTvChannel))?.emotes).toEqual([
      { code: 'PagMan', id: '60ae9a57ac03cad60771b2d8', width: 32, height: 32 },
      { code: 'pokiDance', id: '60a1de4aac2bcb20efc751fb', width: 32, height: 32, animated: true },
      { code: 'nymn123', id: '6162d21ef7b7a929341244dd', width: 87, height: 32 },
      { code: 'Rain', id: '01F5Y7JW30000ARAYB43QGQ4KV', width: 32, height: 32, overlay: true },
    ])
  })

  it('tell the global set', () => {
    expect(sevenTv.readGlobal(wire(answers.sevenTvGlobal))?.emotes.map(({ code }) => code)).toEqual([
      'EZ',
      'Clap',
    ])
  })

  it.each([null, undefined, {}, { emotes: null }])('tell that a channel has no set (%j)', (emote_set) => {
    expect(sevenTv.readChannel({ ...answers.sevenTvChannel, emote_set })).toEqual({ emotes: [] })
  })

  it('take what is not offered in the usual size for nothing', () => {
    const [emote] = answers.sevenTvChannel.emote_set.emotes
    const data = {
      ...answers.sevenTvEmote({ id: 'a1', name: 'x' }).data,
      host: { files: [{ name: '1x.avif' }, 7] },
    }
    expect(sevenTv.readGlobal({ emotes: [emote, { name: 'x', flags: 0, data }] })?.emotes).toHaveLength(1)
  })
})

describe("BetterTTV's answers", () => {
  it("tell a channel's own and what it shares", () => {
    expect(bttv.readChannel(wire(answers.betterTtvChannel))?.emotes).toEqual([
      { code: 'FeelsDennyMan', id: '58a9cde206e70d0465b2b47e' },
      { code: 'lobosSHAKE', id: '5b007dc718b2f46a14d40242', animated: true },
      { code: '(ditto)', id: '554da1a289d53f2d12781907', animated: true },
      { code: 'WolfPls', id: '55fdff6e7a4f04b172c506c0', animated: true, width: 21, height: 28 },
    ])
  })

  it('tell the global ones: overlays, and no modifiers', () => {
    expect(bttv.readGlobal(wire(answers.betterTtvGlobal))?.emotes).toEqual([
      { code: ':tf:', id: '54fa8f1401e468494b85b537' },
      { code: 'cvHazmat', id: '5e76d338d6581c3724c0f0b2', overlay: true },
    ])
  })

  it("take a channel's emote for no overlay, however it is called", () => {
    const one = { ...answers.betterTtvChannel.channelEmotes[0], code: 'cvMask' }
    expect(bttv.readChannel({ channelEmotes: [one], sharedEmotes: [] })?.emotes[0]?.overlay).toBeUndefined()
  })

  it('told of movement by the type of image alone, once', () => {
    const old = { ...answers.betterTtvChannel.sharedEmotes[1], animated: undefined }
    expect(bttv.readGlobal([old])?.emotes).toMatchObject([{ animated: true }])
  })
})

describe("FrankerFaceZ's answers", () => {
  it("tell a room, and the channel's number", () => {
    expect(ffz.readRoom(wire(answers.ffzRoom))).toEqual({
      channelId: answers.CHANNEL.id,
      emotes: [
        { code: 'LULW', id: '139407', width: 28, height: 32 },
        { code: 'WhiteKnight', id: '295554', width: 20, height: 23, single: true },
        { code: 'Wiggle', id: '720810', width: 28, height: 32, animated: true },
      ],
    })
  })

  it('tell the global sets that are for everybody, overlays, and no hidden effects', () => {
    expect(ffz.readGlobal(wire(answers.ffzGlobal))?.emotes).toEqual([
      { code: 'LilZ', id: '28136', width: 28, height: 32, single: true },
      { code: 'Hat', id: '720729', width: 28, height: 32, overlay: true },
    ])
  })

  it.each(['1', -1, 1.5, {}, '../x'])('do not make %j a number of a channel', (twitch_id) => {
    expect(ffz.readRoom({ ...answers.ffzRoom, room: { twitch_id } })?.channelId).toBeUndefined()
  })

  it.each(['__proto__', 'constructor', null, {}])(
    'with %j among the default sets are read all the same',
    (id) => {
      expect(
        ffz.readGlobal({ ...(wire(answers.ffzGlobal) as object), default_sets: [id, 3] })?.emotes,
      ).toHaveLength(2)
    },
  )
})

const READERS = {
  ...sevenTv,
  ffzGlobal: ffz.readGlobal,
  ffzRoom: ffz.readRoom,
  bttvGlobal: bttv.readGlobal,
  bttvChannel: bttv.readChannel,
}

describe.each(Object.entries(READERS))('%s', (_name, read) => {
  it.each([
    undefined,
    null,
    7,
    'text',
    true,
    [[]],
    { emotes: 7 },
    { emote_set: 7 },
    { channelEmotes: {} },
    { sets: [] },
  ])('finds no emote in %j', (answer) => expect(read(answer)?.emotes ?? []).toEqual([]))
})

describe('a single emote that makes no sense', () => {
  const good = { id: 'good1', code: 'Good', imageType: 'png', animated: false }
  it.each([
    ['no object', 7],
    ['null', null],
    ['without a code', { ...good, code: undefined }],
    ['an empty code', { ...good, code: '' }],
    ['a code with a space', { ...good, code: 'not one' }],
    ['a code that turns text', { ...good, code: 'a\u202eb' }],
    ['a code that is too long', { ...good, code: 'x'.repeat(65) }],
    ['an id that leads elsewhere', { ...good, code: 'Bad', id: '../../evil' }],
    ['an id of another type', { ...good, code: 'Bad', id: 7 }],
  ])('(%s) costs no other', (_what, bad) => {
    expect(bttv.readGlobal([bad, good])?.emotes).toEqual([{ code: 'Good', id: 'good1' }])
  })

  it.each([0, -3, 1e9, '28', Number.NaN])('in its measures (%j) is shown without them', (width) => {
    expect(bttv.readGlobal([{ ...good, width, height: 28 }])?.emotes).toEqual([{ code: 'Good', id: 'good1' }])
  })
})

it('keeps the first of a code, and no more than there can be', () => {
  const one = (index: number) => ({
    id: `id${index}`,
    code: `code${index % (MAX_EMOTES + 5)}`,
    animated: false,
  })
  const many = Array.from({ length: MAX_EMOTES + 50 }, (_, index) => one(index))
  const { emotes = [] } =
    bttv.readGlobal([...many.slice(0, 3), { ...one(0), id: 'second' }, ...many.slice(3)]) ?? {}
  expect(emotes).toHaveLength(MAX_EMOTES)
  expect(emotes[0]?.id).toBe('id0')
})
