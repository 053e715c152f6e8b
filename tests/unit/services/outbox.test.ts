import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { MAX_CLOCK_AHEAD_MS, SAY_PACE } from '../../../protocol/limits'
import { decodeMessage, messageIdSchema } from '../../../protocol/message'
import { channelRoom } from '../../../protocol/room-id'
import { EMPTY_LINE } from '../../../services/history/archive'
import { HybridClock } from '../../../services/hybrid-clock'
import type { LoggedMessage } from '../../../services/log/logged-message'
import { MAX_WAITING, Outbox, TOO_LATE_MS } from '../../../services/outbox/outbox'
import { earliestStamp, lineAfter, withoutFuture } from '../../../services/outbox/pace'
import { Author } from '../../../services/room/author'
import { MemoryArchive } from '../world/memory-archive'
import { Registrar } from '../world/registrar'
import { pass, until, VirtualClock } from '../world/virtual-clock'

const registrar = await Registrar.open()
const person = await registrar.person('AdaOtter12')

let clock: VirtualClock
let archive: MemoryArchive
let released: LoggedMessage[]
let isOn: boolean
let isBarred: boolean
const slowUntil = 0

beforeEach(() => {
  clock = new VirtualClock()
  archive = new MemoryArchive()
  released = []
  isOn = true
  isBarred = false
})

/** An outbox as one run of the browser has it; the archive outlives it. */
function run(): Outbox {
  const author = new Author({
    room: channelRoom('somechannel'),
    clock,
    signer: person.signer,
    direct: () => false,
    credentials: () => ({
      device: person.device,
      accountId: person.accountId,
      displayName: person.name,
      passport: 'a.b.c',
      renewAt: Number.POSITIVE_INFINITY,
      jwks: registrar.jwks,
      serverTime: clock.now(),
    }),
  })
  const outbox = new Outbox({
    clock,
    hybrid: new HybridClock(),
    archive,
    pace: SAY_PACE,
    canSend: () => isOn,
    barrier: () => (isBarred ? 'unlinked' : undefined),
    slowUntil: () => slowUntil,
    isCaughtUp: () => true,
    sign: (entry, seq, time) => author.message(entry, seq, time),
    release: (message) => released.push(message),
    onStorageFailed: () => {},
    onChange: () => {},
  })
  void outbox.load()
  outbox.timeCorrected()
  return outbox
}

const said = () => released.map(({ body }) => body)

describe('an outbox', () => {
  it('keeps what an account that may not take part wrote, and says it once it may', async () => {
    isBarred = true
    const outbox = run()
    expect(await outbox.say('one', 'may I?')).toBeUndefined()
    await pass(clock, 5_000)
    expect(outbox.view).toMatchObject([{ key: 'one', state: 'unlinked' }])
    expect(archive.entries).toHaveLength(1)
    isBarred = false
    outbox.pump()
    await until(clock, () => said().includes('may I?'))
    expect(outbox.view).toEqual([])
  })

  it('gives back what others took for nothing, with the reason, also beside what waited too long', async () => {
    isBarred = true
    const outbox = run()
    await outbox.say('one', 'waits')
    await outbox.takeBack([{ text: 'was said in vain' }], 'unlinked')
    expect(outbox.view.map(({ text, state, refused }) => [text, state, refused])).toEqual([
      ['waits', 'unlinked', undefined],
      ['was said in vain', 'refused', 'unlinked'],
    ])
    await pass(clock, TOO_LATE_MS + 60_000, 60_000)
    outbox.pump()
    await pass(clock, 100)
    expect(outbox.view.map(({ refused }) => refused)).toEqual(['too-late', 'unlinked'])
    isBarred = false
    const [, second] = outbox.view
    outbox.sayAgain(second?.key ?? '')
    await until(clock, () => said().includes('was said in vain'))
  })

  it('says in order what was typed at once, with contiguous numbers and rising stamps', async () => {
    const outbox = run()
    const texts = Array.from({ length: SAY_PACE.messages }, (_, index) => `line ${index}`)
    await Promise.all(texts.map((text, index) => outbox.say(`key ${index}`, text)))
    await until(clock, () => said().length === texts.length)
    expect(said()).toEqual(texts)
    expect(released.map(({ seq }) => seq)).toEqual(texts.map((_, index) => index))
    expect(outbox.view).toEqual([])
    expect(archive.entries).toEqual([])
    expect(archive.messages.map(({ key }) => key)).toEqual(texts.map((_, index) => `key ${index}`))
  })

  it('waits for others’ patience: each message 30 s after the twentieth before it', async () => {
    const outbox = run()
    for (let index = 0; index < 45; index++) await outbox.say(`key ${index}`, `line ${index}`)
    await until(clock, () => said().length === 20)
    await until(clock, () => outbox.view[0]?.state === 'pace')
    expect(outbox.view[0]).toMatchObject({ text: 'line 20' })
    await until(clock, () => said().length === 45, 'all said', 100)
    for (const [index, { time }] of released.entries()) {
      const before = released[index - SAY_PACE.messages]
      if (before) expect(time.ms - before.time.ms).toBeGreaterThanOrEqual(SAY_PACE.ms)
    }
  })

  it('keeps the pace across a restart', async () => {
    const first = run()
    for (let index = 0; index < 20; index++) await first.say(`key ${index}`, `line ${index}`)
    await until(clock, () => said().length === 20)
    first.close()
    const second = run()
    await second.say('key 20', 'line 20')
    await pass(clock, 20_000, 200)
    expect(said()).toHaveLength(20)
    await until(clock, () => said().length === 21, 'the next', 100)
    expect(released[20]?.seq).toBe(20)
  })

  it('holds what is said without a network, also over a restart, and says it once when there is one', async () => {
    isOn = false
    const first = run()
    await first.say('one', 'is anybody there?')
    expect(first.view).toMatchObject([{ key: 'one', state: 'network' }])
    first.close()
    const second = run()
    await until(clock, () => second.view.length === 1)
    isOn = true
    second.pump()
    await until(clock, () => said().length === 1)
    expect(said()).toEqual(['is anybody there?'])
    expect(second.view).toEqual([])
    // Stamped when it was sent, not when it was typed.
    expect(released[0]?.time.ms).toBeGreaterThanOrEqual(archive.messages[0]?.time.ms ?? 0)
  })

  it('says a key once, however often it is called', async () => {
    const outbox = run()
    await Promise.all([outbox.say('one', 'hello'), outbox.say('one', 'hello'), outbox.say('one', 'hello')])
    await until(clock, () => said().length > 0)
    await pass(clock, 500)
    expect(said()).toEqual(['hello'])
  })

  it('refuses what is no text, what is too much, and what cannot be kept', async () => {
    isOn = false
    const outbox = run()
    expect(await outbox.say('bad', ' \n')).toBe('text-not-allowed')
    for (let index = 0; index < MAX_WAITING; index++)
      expect(await outbox.say(`key ${index}`, 'x')).toBeUndefined()
    expect(await outbox.say('one more', 'x')).toBe('too-many-waiting')
    await outbox.discard('key 0')
    archive.problem = 'full'
    expect(await outbox.say('unsafe', 'x')).toBe('storage')
    expect(outbox.has('unsafe')).toBe(false)
  })

  it('does not say by itself what waited too long, but again when asked to', async () => {
    isOn = false
    const outbox = run()
    await outbox.say('old', 'what a goal!')
    clock.advance(TOO_LATE_MS + 1)
    isOn = true
    outbox.pump()
    await until(clock, () => outbox.view[0]?.state === 'refused')
    expect(outbox.view).toMatchObject([{ key: 'old', refused: 'too-late' }])
    await pass(clock, 500)
    expect(said()).toEqual([])
    outbox.sayAgain('old')
    await until(clock, () => said().length === 1)
  })

  it('goes on when storage works again', async () => {
    isOn = false
    const outbox = run()
    await outbox.say('one', 'hello')
    archive.problem = 'unavailable'
    isOn = true
    outbox.pump()
    await pass(clock, 1_000)
    expect(said()).toEqual([])
    archive.problem = null
    await until(clock, () => said().length === 1, 'said after all', 200)
  })

  it('never gives out a number that this device used before its storage was set back', async () => {
    const outbox = run()
    await outbox.say('one', 'hello')
    await until(clock, () => said().length === 1)
    const [before] = released
    outbox.close()
    archive = new MemoryArchive()
    const again = run()
    await until(clock, () => again.view.length === 0)
    if (before) again.learn({ ...before, seq: 41 })
    await again.say('two', 'hello again')
    await until(clock, () => said().length === 2, 'said again', 200)
    expect(released[1]?.seq).toBe(42)
    // Twenty of those in between may have been said just before.
    expect((released[1]?.time.ms ?? 0) - (before?.time.ms ?? 0)).toBeGreaterThanOrEqual(SAY_PACE.ms)
  })

  it('never gives out a number that it learns of while a message is signed or stored', async () => {
    const outbox = run()
    await outbox.say('one', 'hello')
    await until(clock, () => said().length === 1)
    const [before] = released
    if (!before) throw new Error('nothing said')
    isOn = false
    await outbox.say('two', 'hello again')
    isOn = true
    outbox.pump()
    outbox.learn({ ...before, seq: 7 })
    await until(clock, () => said().length === 2)
    expect(released[1]?.seq).toBe(8)
  })

  it('says what slow storage takes in while others are said', async () => {
    const slow = new MemoryArchive()
    const queue = slow.queue.bind(slow)
    const { promise, resolve } = Promise.withResolvers<void>()
    slow.queue = async (entry) => {
      if (entry.key === 'slow') await promise
      return queue(entry)
    }
    archive = slow
    const outbox = run()
    await outbox.say('first', 'first')
    const taken = outbox.say('slow', 'slow')
    await outbox.say('last', 'last')
    await pass(clock, 300)
    expect(said()).toEqual(['first'])
    resolve()
    expect(await taken).toBeUndefined()
    await until(clock, () => said().length === 3)
    expect(said()).toEqual(['first', 'slow', 'last'])
  })

  it('keeps what is typed while it finds out that another context was quicker', async () => {
    const outbox = run()
    await outbox.say('one', 'one')
    await until(clock, () => said().length === 1)
    isOn = false
    await outbox.say('two', 'two')
    // Another context said it.
    archive.entries = []
    const waiting = archive.waiting.bind(archive)
    archive.waiting = async () => {
      const entries = await waiting()
      await outbox.say('three', 'three')
      return entries
    }
    isOn = true
    outbox.pump()
    await until(clock, () => said().includes('three'))
    expect(said()).toEqual(['one', 'three'])
  })

  it('never says by itself again what was taken back, nor loses it', async () => {
    const outbox = run()
    await outbox.takeBack([{ text: 'was it heard?', me: true }])
    expect(outbox.view).toMatchObject([{ text: 'was it heard?', state: 'refused', refused: 'too-late' }])
    outbox.close()
    const again = run()
    await until(clock, () => again.view.length === 1)
    await pass(clock, 300)
    expect(said()).toEqual([])
    expect(again.view).toMatchObject([
      { text: 'was it heard?', me: true, state: 'refused', refused: 'too-late' },
    ])
    again.sayAgain(again.view[0]?.key ?? '')
    await until(clock, () => said().length === 1)
    expect(released[0]).toMatchObject({ kind: 'me', body: 'was it heard?' })
  })

  it('says things as deeds and as answers, after a restart as well', async () => {
    isOn = false
    const first = run()
    const reply = messageIdSchema.parse('A'.repeat(43))
    await first.say('one', 'waves', { me: true })
    await first.say('two', 'indeed', { reply })
    await first.say('three', 'hello')
    first.close()
    isOn = true
    run()
    await until(clock, () => released.length === 3)
    const [deed, answer, plain] = released.map(({ signed }) => decodeMessage(signed.bytes))
    expect(deed).toMatchObject({ kind: 'me', body: 'waves' })
    expect(deed).not.toHaveProperty('reply')
    expect(answer).toMatchObject({ kind: 'say', reply })
    expect(plain).toMatchObject({ kind: 'say', body: 'hello' })
    expect(plain).not.toHaveProperty('reply')
  })

  it('says once what two contexts hold', async () => {
    isOn = false
    const [one, other] = [run(), run()]
    await one.say('both', 'only once')
    other.close()
    const late = run()
    await until(clock, () => late.view.length === 1)
    isOn = true
    one.pump()
    late.pump()
    await pass(clock, 2_000)
    expect(said()).toEqual(['only once'])
    expect([...one.view, ...late.view]).toEqual([])
  })

  it('is said once whenever the browser is killed', async () => {
    for (let turns = 0; turns < 60; turns++) {
      archive = new MemoryArchive()
      released = []
      const first = run()
      void first.say('one', 'exactly once').catch(() => {})
      for (let turn = 0; turn < turns; turn++) await null
      // From now on nothing of the first run happens any more, but what it wrote.
      archive = archive.outlive()
      first.close()
      released = []
      const second = run()
      await second.say('one', 'exactly once')
      await until(clock, () => archive.messages.length > 0 && second.view.length === 0)
      await pass(clock, 300)
      second.close()
      expect(archive.messages.map(({ body }) => body)).toEqual(['exactly once'])
    }
  })
})

describe('the pace', () => {
  it('allows no line that breaks the rule, whatever the clock does', () => {
    const pace = { messages: 4, ms: 1_000 }
    fc.assert(
      fc.property(fc.array(fc.nat(400), { maxLength: 80 }), (pauses) => {
        let line = EMPTY_LINE
        let now = 1_000_000
        const stamps: number[] = []
        for (const pause of pauses) {
          now = Math.max(now + pause, earliestStamp(line, pace))
          stamps.push(now)
          line = lineAfter(line, line.next, { ms: now, count: 0 }, pace)
        }
        expect(line.recent.length).toBeLessThanOrEqual(pace.messages)
        stamps.forEach((stamp, index) => {
          const before = stamps[index - pace.messages]
          if (before !== undefined) expect(stamp - before).toBeGreaterThanOrEqual(pace.ms)
        })
      }),
    )
  })

  it('waits while a later stamp than the latest is too far ahead for others to take', () => {
    const line = { next: 1, last: { ms: 1_000_000, count: 0 }, recent: [1_000_000] }
    expect(earliestStamp(line, SAY_PACE)).toBe(1_000_000 - MAX_CLOCK_AHEAD_MS)
  })

  it('counts numbers that a line skips as if they were stamped at its end', () => {
    const line = lineAfter({ ...EMPTY_LINE, next: 3, recent: [1, 2, 3] }, 5, { ms: 9, count: 0 }, SAY_PACE)
    expect(line).toEqual({ next: 6, last: { ms: 9, count: 0 }, recent: [1, 2, 3, 9, 9, 9] })
  })

  it('forgets stamps of a clock that ran an hour ahead, but no number', () => {
    const now = 1_000_000
    const line = { next: 7, last: { ms: now + 3_600_000, count: 3 }, recent: [now - 5, now + 3_600_000] }
    expect(withoutFuture(line, now)).toEqual({
      next: 7,
      last: { ms: now - 5, count: 0xffff },
      // For the pace it is as if it were stamped now: its number counts.
      recent: [now - 5, now],
    })
    const fine = { next: 7, last: { ms: now + 1_000, count: 3 }, recent: [now + 1_000] }
    expect(withoutFuture(fine, now)).toBe(fine)
  })
})
