import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Credentials } from '../../../protocol/control'
import { CROWD_SAMPLE, PRESENCE_INTERVAL_MS, PRESENCE_LIFETIME_MS } from '../../../protocol/limits'
import type { Presence } from '../../../protocol/presence'
import { Announcer, type Audience } from '../../../services/room/announcer'
import { Author } from '../../../services/room/author'
import { RoomSize } from '../../../services/room/room-size'
import { Registrar } from '../world/registrar'
import { ROOM } from '../world/room-world'
import { VirtualClock } from '../world/virtual-clock'

const CROWD = 2_400

let registrar: Registrar
let clock: VirtualClock
let size: RoomSize
let author: WatchedAuthor
let announcer: Announcer
let said: { audience: Audience; presence: Presence }[]
let chance: number
let isRefused: boolean

beforeAll(async () => {
  registrar = await Registrar.open()
})
beforeEach(async () => {
  clock = new VirtualClock()
  said = []
  chance = 1
  isRefused = false
  size = new RoomSize({ clock, known: () => 3 })
  const person = await registrar.person('AdaOtter12')
  const credentials: Credentials = {
    device: person.device,
    accountId: person.accountId,
    displayName: person.name,
    passport: await registrar.passport(person, clock.now()),
    renewAt: Number.POSITIVE_INFINITY,
    jwks: registrar.jwks,
    serverTime: clock.now(),
  }
  author = new WatchedAuthor({
    room: ROOM,
    clock,
    signer: person.signer,
    credentials: () => credentials,
    direct: () => false,
  })
  announcer = new Announcer({
    clock,
    random: () => chance,
    author,
    size,
    tell: async ({ statement }, audience) => {
      if (isRefused) throw new Error('the passport has ended')
      said.push({ audience, presence: statement })
    },
  })
})
afterEach(async () => {
  await announcer.leave()
  expect(clock.pending).toBe(0)
})

/** Tells whether something is being signed. */
class WatchedAuthor extends Author {
  underWay = 0

  override async presence(...args: Parameters<Author['presence']>) {
    this.underWay++
    return super.presence(...args).finally(() => this.underWay--)
  }
}

/** What has been said since the last look, and to whom. */
async function heard(): Promise<string[]> {
  for (let idle = 0; idle < 5; idle++) {
    await nextTurn()
    while (author.underWay > 0) await nextTurn()
  }
  const words = said.splice(0)
  return words.map(({ audience, presence: { state, crowd } }) =>
    [state, audience, crowd].filter((part) => part !== undefined).join(' '),
  )
}
/** The same, once so many words have been signed. */
async function heardAll(count: number): Promise<string[]> {
  while (said.length < count) await nextTurn()
  return heard()
}
const beCrowded = () => {
  size.told(CROWD)
  expect(size.isCrowd).toBe(true)
}

describe('in a room where everybody is named', () => {
  it('says once a minute to the whole room that it is here', async () => {
    for (let minute = 0; minute < 3; minute++) {
      clock.advance(PRESENCE_INTERVAL_MS)
      expect(await heardAll(1)).toEqual(['here room'])
    }
  })

  it('answers links that break together by one word', async () => {
    for (let link = 0; link < 5; link++) announcer.announceSoon()
    expect(await heard()).toEqual([])
    clock.advance(2_000)
    expect(await heardAll(1)).toEqual(['here room'])
  })

  it('need not greet, nor introduce itself: everybody knows', async () => {
    announcer.greet()
    expect(await heard()).toEqual([])
  })

  it('tells everybody that it is away, and that it leaves', async () => {
    announcer.setAway(true)
    announcer.setAway(true)
    expect(await heardAll(1)).toEqual(['away room'])
    await announcer.leave()
    expect(await heard()).toEqual(['left room'])
  })

  it('goes on after a word that could not be said', async () => {
    isRefused = true
    announcer.announce()
    await heard()
    isRefused = false
    announcer.announce()
    expect(await heardAll(1)).toEqual(['here room'])
  })

  it('says nothing more once it leaves', async () => {
    await announcer.leave()
    await heard()
    announcer.announce()
    announcer.announceSoon()
    announcer.greet()
    await announcer.introduce()
    clock.advance(10 * PRESENCE_INTERVAL_MS)
    expect(await heard()).toEqual([])
  })
})

describe('in a crowd', () => {
  it('speaks up by chance, and says how many it believes to be here', async () => {
    beCrowded()
    // Nobody else speaks, so it comes to believe in fewer, and to speak more often.
    chance = CROWD_SAMPLE / (0.75 * CROWD)
    clock.advance(PRESENCE_INTERVAL_MS)
    expect(await heard()).toEqual([])
    const believed = size.count
    chance = 0
    clock.advance(PRESENCE_INTERVAL_MS)
    const [word = ''] = await heardAll(1)
    expect(word).toMatch(/^here room \d+$/)
    expect(Number(word.split(' ')[2])).toBeLessThanOrEqual(believed)
    expect(Number(word.split(' ')[2])).toBeGreaterThan(0)
  })

  it('says who it is before it says something, and not again while that is fresh', async () => {
    beCrowded()
    await announcer.introduce()
    // It has been said by the time that this resolves.
    expect(said).toHaveLength(1)
    expect(await heard()).toEqual(['here room'])
    clock.advance(PRESENCE_INTERVAL_MS)
    await announcer.introduce()
    expect(await heard()).toEqual([])
    clock.advance(PRESENCE_LIFETIME_MS - PRESENCE_INTERVAL_MS)
    await announcer.introduce()
    expect(await heard()).toEqual(['here room'])
  })

  it('does not speak before an introduction that is under way is out', async () => {
    beCrowded()
    const order: string[] = []
    const both = [announcer.introduce(), announcer.introduce()].map((introduced) =>
      introduced.then(() => order.push(`spoke after ${said.length}`)),
    )
    await Promise.all(both)
    expect(order).toEqual(['spoke after 1', 'spoke after 1'])
  })

  it('greets a new neighbour, all neighbours at once, and no more than once a minute', async () => {
    beCrowded()
    for (let link = 0; link < 5; link++) announcer.greet()
    expect(await heardAll(1)).toEqual(['here links'])
    clock.advance(PRESENCE_INTERVAL_MS)
    announcer.greet()
    expect(await heardAll(1)).toEqual(['here links'])
  })

  it('does not tell the room of links that broke, nor what only neighbours need to know', async () => {
    beCrowded()
    announcer.announceSoon()
    clock.advance(5_000)
    expect(await heard()).toEqual([])
    announcer.announce()
    expect(await heardAll(1)).toEqual(['here links'])
    announcer.setAway(true)
    expect(await heardAll(1)).toEqual(['away links'])
  })

  it('says goodbye to its neighbours alone when the room has not heard of it', async () => {
    beCrowded()
    announcer.greet()
    await announcer.leave()
    expect(await heard()).toEqual(['here links', 'left links'])
  })

  it('says goodbye to all when it has spoken lately, and to neighbours when that was long ago', async () => {
    beCrowded()
    await announcer.introduce()
    announcer.setAway(true)
    expect(await heardAll(2)).toEqual(['here room', 'away room'])
    clock.advance(PRESENCE_LIFETIME_MS)
    size.told(CROWD)
    await announcer.leave()
    expect(await heard()).toEqual(['left links'])
  })
})

describe('when a room becomes a crowd, and none again', () => {
  it('speaks up less, and then each minute again', async () => {
    clock.advance(PRESENCE_INTERVAL_MS)
    expect(await heardAll(1)).toEqual(['here room'])
    beCrowded()
    clock.advance(PRESENCE_INTERVAL_MS)
    expect(await heard()).toEqual([])
    // Nobody else speaks up: there are few.
    for (let minute = 0; minute < 6; minute++) clock.advance(PRESENCE_INTERVAL_MS)
    await heard()
    expect(size.isCrowd).toBe(false)
    clock.advance(PRESENCE_INTERVAL_MS)
    expect(await heardAll(1)).toEqual(['here room'])
  })
})
