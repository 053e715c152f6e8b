import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { providerOver } from '../../../../platform/ask-provider'
import { MAX_KEPT_SETS, StoredEmotes } from '../../../../platform/emote-cache'
import type { EmotesView } from '../../../../protocol/emotes'
import type { Answer } from '../../../../services/emotes/asking'
import { Emotes } from '../../../../services/emotes/emotes'
import type { EmoteCache } from '../../../../services/emotes/kept-set'
import { CHANNEL, UNKNOWN } from '../../../fixtures/emotes/answers'
import { type Providers, startProviders } from '../../../fixtures/emotes/providers'
import { Browser } from '../../platform/stored'
import { VirtualClock } from '../../world/virtual-clock'

const MINUTE = 60_000
const ALL = ['PagMan', 'LULW', 'lobosSHAKE', 'EZ', ':tf:', 'LilZ']

let clock: VirtualClock
let browser: Browser
let providers: Providers
let allowed: boolean
let told: number

beforeEach(async () => {
  clock = new VirtualClock()
  browser = new Browser()
  providers = await startProviders()
  allowed = true
  told = 0
})
afterEach(async () => {
  await providers.stop()
  await browser.delete()
})

/** A room host that begins, with the database of this browser. */
function start(more: { cache?: EmoteCache; random?: () => number } = {}): Emotes {
  const origin = `http://127.0.0.1:${providers.port}`
  const ask = providerOver(1_000_000, 5_000)
  return new Emotes({
    clock,
    random: more.random ?? (() => 1),
    // Counted, so that tests know when all is quiet.
    ask: async (url, etag, signal) => {
      underWay++
      const answer = await ask(url, etag, signal)
      underWay--
      return answer
    },
    cache: more.cache ?? new StoredEmotes(browser.open(), () => clock.now()),
    isAllowed: async () => allowed,
    onChange: () => told++,
    apis: { ffz: origin, bttv: origin, '7tv': origin },
  })
}

let underWay = 0
/** Looks as a panel does, each time it is told to, until nothing is under way. */
async function settled(emotes: Emotes, login: string | null = CHANNEL.login): Promise<EmotesView> {
  for (;;) {
    const before = told
    const view = await emotes.view(login)
    await expect.poll(() => underWay, { interval: 2, timeout: 10_000 }).toBe(0)
    // What came is told together, a moment later.
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance(100)
    if (told === before) return view
  }
}

const codes = (view: EmotesView) => view.sets.flatMap(({ emotes }) => emotes.map(({ code }) => code))
const paths = () => providers.asked.map(({ path }) => path)

describe('emotes', () => {
  it('come from all providers, of the channel before the global ones', async () => {
    const view = await settled(start())
    expect(view.sets.map(({ provider, scope }) => `${provider} ${scope}`)).toEqual([
      'ffz channel',
      'bttv channel',
      '7tv channel',
      'ffz global',
      'bttv global',
      '7tv global',
    ])
    expect(codes(view)).toEqual(expect.arrayContaining(ALL))
    expect(view).toMatchObject({ allowed: true, unreachable: [] })
    expect(paths().sort()).toEqual(
      [
        '/v1/set/global',
        `/v1/room/${CHANNEL.login}`,
        '/3/cached/emotes/global',
        `/3/cached/users/twitch/${CHANNEL.id}`,
        '/v3/emote-sets/global',
        `/v3/users/twitch/${CHANNEL.id}`,
      ].sort(),
    )
  })

  it('are the global ones where there is no channel, or nobody knows it', async () => {
    const emotes = start()
    const nowhere = await settled(emotes, null)
    expect(new Set(nowhere.sets.map(({ scope }) => scope))).toEqual(new Set(['global']))
    const unknown = await settled(emotes, 'nobodyever')
    expect(unknown).toMatchObject({ sets: nowhere.sets, unreachable: [] })
    expect(paths().filter((path) => path.includes('users'))).toEqual([])
  })

  it('are asked for once, however many look', async () => {
    const emotes = start()
    await Promise.all([emotes.view(CHANNEL.login), emotes.view(CHANNEL.login), emotes.view(null)])
    await settled(emotes)
    expect(providers.asked).toHaveLength(6)
  })

  it('are asked for anew when they are old, while the old ones show, and only if they changed told', async () => {
    const emotes = start()
    const first = await settled(emotes)
    expect(first.askAgainMs).toBeLessThanOrEqual(10 * MINUTE)
    const before = providers.asked.length
    clock.advance(9 * MINUTE)
    await settled(emotes)
    expect(providers.asked).toHaveLength(before)
    clock.advance(2 * MINUTE)
    const toldBefore = told
    expect(codes(await settled(emotes))).toEqual(codes(first))
    // The channel's three, by their ETags; the global ones hold longer.
    expect(providers.asked.slice(before).map(({ etag }) => typeof etag)).toEqual([
      'string',
      'string',
      'string',
    ])
    expect(told).toBe(toldBefore)
    providers.fail('/v3/users', (response) => response.end('{"emote_set":null}'))
    clock.advance(11 * MINUTE)
    expect(codes(await settled(emotes))).not.toContain('PagMan')
  })
})

describe('kept emotes', () => {
  it('show at once after a restart, also while nobody answers, and are as they were', async () => {
    const view = await settled(start())
    const asked = providers.asked.length
    const again = await start().view(CHANNEL.login)
    expect(again.sets).toEqual(view.sets)
    expect(providers.asked).toHaveLength(asked)
    clock.advance(24 * 60 * MINUTE)
    for (const path of ['/v1/', '/3/', '/v3/'])
      providers.fail(path, (response) => response.writeHead(500).end())
    const without = await settled(start())
    expect(without.sets).toEqual(view.sets)
    expect(without.unreachable).toEqual(['ffz', 'bttv', '7tv'])
  })

  it('tell on disk of no channel', async () => {
    await settled(start())
    const rows = (await browser.rows()).filter(({ table }) => table === 'emotes')
    expect(rows).toHaveLength(6)
    const bytes = rows.map(({ row }) => Buffer.from(row.sealed as Uint8Array).toString('latin1')).join()
    for (const secret of [CHANNEL.login, CHANNEL.id, 'PagMan'])
      expect(JSON.stringify(rows.map(({ row }) => row.set)) + bytes).not.toContain(secret)
  })

  it('that cannot be read are asked for again', async () => {
    await settled(start())
    await browser.tamper('emotes', (rows) => rows.toCollection().modify((row) => void row.sealed.fill(0)))
    const asked = providers.asked.length
    expect(codes(await settled(start()))).toEqual(expect.arrayContaining(ALL))
    expect(providers.asked.length).toBeGreaterThan(asked)
  })

  it('go when they are many, those looked at longest ago first', async () => {
    const cache = new StoredEmotes(browser.open(), () => clock.now())
    const kept = { emotes: [{ code: 'x', id: 'x1' }], askedAt: clock.now() }
    for (let number = 0; number < MAX_KEPT_SETS; number++) {
      clock.advance(1)
      await cache.save(`set ${number}`, kept)
    }
    clock.advance(2 * 60 * MINUTE)
    expect(await cache.load('set 0')).toEqual(kept)
    await cache.save('one more', kept)
    expect(await cache.load('set 0')).toEqual(kept)
    expect(await cache.load('set 1')).toBeUndefined()
    expect(await cache.load('one more')).toEqual(kept)
  })

  it('are not needed: where storage does not work, they come from the providers', async () => {
    const broken = () => Promise.reject(new Error('no storage'))
    const view = await settled(start({ cache: { load: broken, save: broken, clear: broken } }))
    expect(codes(view)).toEqual(expect.arrayContaining(ALL))
  })
})

describe('a provider that is down', () => {
  const down = (path: string) => providers.fail(path, (response) => response.writeHead(503).end())

  it.each([
    ['7tv', '/v3/', ['LULW', 'lobosSHAKE', ':tf:'], ['PagMan', 'EZ']],
    ['bttv', '/3/', ['LULW', 'PagMan', 'EZ'], ['lobosSHAKE', ':tf:']],
  ])('(%s) costs nothing but its emotes', async (name, path, there, gone) => {
    down(path)
    const view = await settled(start())
    expect(codes(view)).toEqual(expect.arrayContaining(there))
    for (const code of gone) expect(codes(view)).not.toContain(code)
    expect(view.unreachable).toEqual([name])
  })

  it('(ffz) costs the others nothing where the channel was seen before', async () => {
    await settled(start())
    down('/v1/')
    clock.advance(60 * MINUTE)
    expect(codes(await settled(start()))).toEqual(expect.arrayContaining(ALL))
  })

  it('is asked ever more rarely, all of its sets alike, and shows as soon as it is back', async () => {
    down('/v3/')
    const emotes = start()
    await settled(emotes)
    const pauses: number[] = []
    for (let tries = 0; tries < 9; tries++) {
      const before = providers.asked.length
      let waited = 0
      while (providers.asked.length === before && waited < 4 * 60 * MINUTE) {
        const { askAgainMs = 0 } = await settled(emotes)
        // Others are asked for what is old, too.
        providers.asked.splice(
          before,
          1_000,
          ...providers.asked.slice(before).filter(({ path }) => path.startsWith('/v3/')),
        )
        if (providers.asked.length > before) break
        clock.advance(askAgainMs)
        waited += askAgainMs
      }
      pauses.push(waited)
    }
    expect(pauses.slice(1).every((pause, at) => pause >= (pauses[at] ?? 0) * 0.9)).toBe(true)
    expect(pauses[1]).toBeGreaterThanOrEqual(0.9 * MINUTE)
    expect(Math.max(...pauses)).toBeLessThanOrEqual(62 * MINUTE)
    providers.mend()
    clock.advance(60 * MINUTE)
    const view = await settled(emotes)
    expect(codes(view)).toContain('PagMan')
    expect(view.unreachable).toEqual([])
  })

  it('is not asked for one set while it is out of reach for another', async () => {
    down('/v3/emote-sets')
    const emotes = start()
    await settled(emotes)
    expect(paths()).not.toContain(`/v3/users/twitch/${CHANNEL.id}`)
    expect(paths()).toContain(`/3/cached/users/twitch/${CHANNEL.id}`)
    clock.advance(MINUTE)
    await settled(emotes)
    expect(paths()).toContain(`/v3/users/twitch/${CHANNEL.id}`)
  })

  it('is left alone for as long as it asks to be, but not for ever', async () => {
    providers.fail('/v3/emote-sets', (response) =>
      response.writeHead(429, { 'Retry-After': '999999999' }).end(),
    )
    const emotes = start()
    const { askAgainMs } = await settled(emotes)
    const of7tv = () => paths().filter((path) => path === '/v3/emote-sets/global').length
    clock.advance(9 * MINUTE)
    await settled(emotes)
    expect(of7tv()).toBe(1)
    clock.advance(52 * MINUTE)
    await settled(emotes)
    expect(of7tv()).toBe(2)
    expect(askAgainMs).toBeGreaterThan(0)
  })

  it.each([
    ['of another shape', '{"emotes":{"a":1}}'],
    ['cut off', '{"emotes":[{"id"'],
    ['too long', ' '.repeat(1_000_001)],
  ])('no longer answers in sense (%s): what was there stays', async (_what, body) => {
    const emotes = start()
    const first = await settled(emotes)
    providers.fail('/v3/emote-sets', (response) => response.writeHead(200).end(body))
    clock.advance(61 * MINUTE)
    const view = await settled(emotes)
    expect(view.sets).toEqual(first.sets)
    expect(view.unreachable).toEqual(['7tv'])
  })

  it('knows nobody of that number: that is an answer', async () => {
    providers.fail('/v3/users', (response) => response.writeHead(404).end(JSON.stringify(UNKNOWN['7tv'])))
    const view = await settled(start())
    expect(view.unreachable).toEqual([])
    expect(codes(view)).not.toContain('PagMan')
    expect(codes(view)).toContain('EZ')
  })

  it('is slow: the others do not wait for it', async () => {
    let answer = () => {}
    providers.fail('/v3/emote-sets', (response) => {
      answer = () => response.end('{"emotes":[]}')
    })
    const emotes = start()
    await emotes.view(CHANNEL.login)
    await expect
      .poll(async () => {
        clock.advance(100)
        return codes(await emotes.view(CHANNEL.login))
      })
      .toEqual(expect.arrayContaining(ALL.filter((code) => code !== 'EZ')))
    answer()
    await settled(emotes)
  })
})

describe('a viewer', () => {
  it('who has not agreed is not shown to anybody', async () => {
    allowed = false
    const emotes = start()
    expect(await settled(emotes)).toEqual({ allowed: false, sets: [], unreachable: [] })
    await emotes.reconsider()
    expect(providers.asked).toEqual([])
  })

  it('whose consent cannot be found out has not agreed', async () => {
    const emotes = new Emotes({
      clock,
      random: () => 1,
      ask: () => Promise.reject(new Error('asked')),
      cache: new StoredEmotes(browser.open(), () => clock.now()),
      isAllowed: () => Promise.reject(new Error('asleep')),
      onChange: () => {},
    })
    expect(await emotes.view(CHANNEL.login)).toEqual({ allowed: false, sets: [], unreachable: [] })
  })

  it('who agrees is told at once that there is something', async () => {
    allowed = false
    const emotes = start()
    await emotes.view(CHANNEL.login)
    allowed = true
    await emotes.reconsider()
    clock.advance(100)
    expect(told).toBe(1)
    expect(codes(await settled(emotes))).toEqual(expect.arrayContaining(ALL))
  })

  it('who withdraws it keeps nothing: neither here nor on disk nor what is on its way', async () => {
    const emotes = start()
    await settled(emotes)
    clock.advance(61 * MINUTE)
    let hang = () => {}
    const came = new Promise<void>((resolve) => {
      hang = resolve
    })
    providers.fail('/', () => hang())
    await emotes.view(CHANNEL.login)
    await came
    allowed = false
    await emotes.reconsider()
    expect(await emotes.view(CHANNEL.login)).toEqual({ allowed: false, sets: [], unreachable: [] })
    await expect.poll(() => underWay).toBe(0)
    expect((await browser.rows()).filter(({ table }) => table === 'emotes')).toEqual([])
    const asked = providers.asked.length
    await settled(emotes)
    expect(providers.asked).toHaveLength(asked)
  })

  it('who withdraws it keeps nothing of an answer that came that very moment', async () => {
    const answers: ((answer: Answer) => void)[] = []
    const emotes = new Emotes({
      clock,
      random: () => 1,
      ask: () => new Promise((resolve) => answers.push(resolve)),
      cache: new StoredEmotes(browser.open(), () => clock.now()),
      isAllowed: async () => allowed,
      onChange: () => told++,
    })
    await emotes.view(null)
    expect(answers).toHaveLength(3)
    allowed = false
    await emotes.reconsider()
    const body = [{ id: 'a1', code: 'Late', imageType: 'png' }]
    for (const answer of answers) answer({ t: 'set', body })
    await emotes.view(null)
    allowed = true
    expect(codes(await emotes.view(null))).toEqual([])
    expect((await browser.rows()).filter(({ table }) => table === 'emotes')).toEqual([])
  })

  it('who withdrew it while we were not there keeps nothing, either', async () => {
    await settled(start())
    allowed = false
    await start().view(CHANNEL.login)
    expect((await browser.rows()).filter(({ table }) => table === 'emotes')).toEqual([])
  })
})
