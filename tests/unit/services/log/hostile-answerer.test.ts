import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { decodeFrame, type Frame, type FrameFault } from '../../../../protocol/frames'
import { MAX_IDS_PER_FRAME, PAST_BYTES } from '../../../../protocol/limits'
import { digestOf } from '../../../../services/log/digest'
import type { LoggedMessage } from '../../../../services/log/logged-message'
import { MessageLog } from '../../../../services/log/message-log'
import { Reconciler, type ReconciliationFrame } from '../../../../services/log/reconciler'
import { packIds, shortIdOf, unpackIds } from '../../../../services/log/short-id'
import { hashAtOnce, StepClock } from './simulated-room'
import { deviceOf, START, said } from './spoken'

const mallory = deviceOf('mallory')
const line = (length: number) =>
  Array.from({ length }, (_, seq) => said(deviceOf(seq % 30), Math.floor(seq / 30), START - 1e6 + seq * 100))

let clock: StepClock
let log: MessageLog
let victim: Reconciler
/** What the victim sent to Mallory. */
let sent: Frame[]
/** How many messages came as far as being checked. */
let filed: number
/** How many messages the victim believes Mallory took. */
let given: number

beforeEach(async () => {
  hashAtOnce()
  clock = new StepClock()
  log = new MessageLog()
  sent = []
  filed = 0
  given = 0
  victim = new Reconciler({
    clock,
    random: () => 0.999,
    log,
    onPulled: () => {},
    onGiven: (messages) => {
      given += messages.length
    },
    file: async (messages) => {
      filed += messages.length
      return undefined
    },
  })
})
afterEach(() => {
  victim.close()
  vi.restoreAllMocks()
})

async function attach(): Promise<void> {
  victim.attach(mallory, (bytes) => {
    const decoded = decodeFrame(bytes)
    if ('frame' in decoded) sent.push(decoded.frame)
  })
  await clock.run(0)
}

const tell = (frame: ReconciliationFrame): Promise<FrameFault | undefined> => victim.receive(mallory, frame)
const of = <T extends Frame['t']>(t: T) =>
  sent.filter((frame): frame is Extract<Frame, { t: T }> => frame.t === t)

const nonsense = (count: number, from = 0) => {
  const ids = new Uint8Array(count * 16)
  for (let index = 0; index < count; index++) new DataView(ids.buffer).setUint32(index * 16, from + index + 1)
  return ids
}
const idsOf = (messages: LoggedMessage[]) => packIds(messages.map(({ id }) => shortIdOf(id)))
const past = (messages: LoggedMessage[], more = false, passports: string[] = []) =>
  ({ t: 'past', passports, messages: messages.map(({ signed }) => signed), more }) as const
const emptyDigest = async () => ({ t: 'digest', ...(await digestOf(new MessageLog())) }) as const

describe('a peer that answers what nobody asked', () => {
  it('is at fault for ids', async () => {
    await attach()
    expect(await tell({ t: 'have', ids: nonsense(1), more: false })).toBe(undefined)
    expect(await tell({ t: 'have', ids: nonsense(1), more: false })).toBe('unsolicited')
  })

  it('is at fault for messages, and none of them is looked at', async () => {
    await attach()
    expect(await tell(past(line(3)))).toBe('unsolicited')
    const [wanted, other] = line(2)
    if (!wanted || !other) throw new Error('no messages')
    await tell({ t: 'have', ids: idsOf([wanted]), more: false })
    expect(await tell(past([wanted, other]))).toBe('unsolicited')
    expect(await tell(past([wanted, wanted]))).toBe('unsolicited')
    expect(filed).toBe(0)
    expect(await tell(past([wanted]))).toBe(undefined)
    expect(await tell(past([wanted]))).toBe('unsolicited')
    expect(filed).toBe(1)
  })

  it('is at fault for more passports than there are messages', async () => {
    await attach()
    const [wanted] = line(1)
    if (!wanted) throw new Error('no message')
    await tell({ t: 'have', ids: idsOf([wanted]), more: false })
    expect(await tell(past([wanted], false, ['one', 'two']))).toBe('unsolicited')
    expect(filed).toBe(0)
  })

  it('is not at fault for being late', async () => {
    await attach()
    const [wanted] = line(1)
    if (!wanted) throw new Error('no message')
    await tell({ t: 'have', ids: idsOf([wanted]), more: false })
    await clock.run(130_000)
    expect(of('digest').length).toBe(2)
    expect(await tell(past([wanted]))).toBe(undefined)
    expect(filed).toBe(1)
  })
})

describe('a peer that names', () => {
  it('ids without end is at fault from the first that no log can hold', async () => {
    await attach()
    const faults: (FrameFault | undefined)[] = []
    for (let frame = 0; frame < 50; frame++)
      faults.push(
        await tell({ t: 'have', ids: nonsense(MAX_IDS_PER_FRAME, frame * MAX_IDS_PER_FRAME), more: true }),
      )
    expect(faults.slice(0, 2)).toEqual([undefined, undefined])
    expect(new Set(faults.slice(2))).toEqual(new Set(['unsolicited']))
    expect(of('want').length).toBeLessThanOrEqual(1)
  })

  it('nothing, again and again, is at fault', async () => {
    await attach()
    expect(await tell({ t: 'have', ids: nonsense(0), more: true })).toBe('unsolicited')
  })

  it('ids that do not exist makes us wait for few of them, and not for long', async () => {
    await attach()
    await tell({ t: 'have', ids: nonsense(MAX_IDS_PER_FRAME), more: false })
    const [want] = of('want')
    expect(want && unpackIds(want.ids).length).toBeLessThanOrEqual(128)
    // The same ids can be asked of somebody else once Mallory has failed.
    const honest: Frame[] = []
    const bob = deviceOf('bob')
    victim.attach(bob, (bytes) => {
      const decoded = decodeFrame(bytes)
      if ('frame' in decoded) honest.push(decoded.frame)
    })
    await clock.run(0)
    await victim.receive(bob, { t: 'have', ids: nonsense(100), more: false })
    expect(honest.map(({ t }) => t)).toEqual(['digest'])
    await clock.run(15_100)
    expect(honest.map(({ t }) => t)).toEqual(['digest', 'digest'])
    await victim.receive(bob, { t: 'have', ids: nonsense(100), more: false })
    expect(honest.map(({ t }) => t)).toEqual(['digest', 'digest', 'want'])
  })

  it('a lot and sends it drop by drop is given up on within a minute', async () => {
    await attach()
    const messages = line(20)
    await tell({ t: 'have', ids: idsOf(messages), more: false })
    const bob = deviceOf('bob')
    let asked = 0
    victim.attach(bob, () => asked++)
    await clock.run(0)
    await victim.receive(bob, { t: 'have', ids: nonsense(0), more: false })
    for (const message of messages.slice(0, 6)) {
      expect(asked).toBe(1)
      await tell(past([message], true))
      await clock.run(10_100)
    }
    expect(asked).toBe(2)
  })
})

describe('a peer that asks', () => {
  beforeEach(() => {
    for (const message of line(600)) log.add(message)
  })

  it('for what was not named is at fault, and for the same again', async () => {
    await attach()
    expect(await tell({ t: 'want', ids: idsOf(line(5)) })).toBe('unsolicited')
    await tell(await emptyDigest())
    expect(of('have').map(({ ids, more }) => [ids.length / 16, more])).toEqual([
      [400, true],
      [200, false],
    ])
    expect(await tell({ t: 'want', ids: nonsense(1) })).toBe('unsolicited')
    expect(await tell({ t: 'want', ids: nonsense(0) })).toBe('unsolicited')
    const [first] = line(1)
    if (!first) throw new Error('no message')
    expect(await tell({ t: 'want', ids: idsOf([first, first]) })).toBe('unsolicited')
    expect(of('past')).toEqual([])
    expect(await tell({ t: 'want', ids: idsOf(line(5)) })).toBe(undefined)
    expect(of('past').flatMap(({ messages }) => messages)).toHaveLength(5)
    expect(await tell({ t: 'want', ids: idsOf(line(5)) })).toBe('unsolicited')
    expect(of('past').flatMap(({ messages }) => messages)).toHaveLength(5)
  })

  it('is answered from what was named, though the log has moved on', async () => {
    await attach()
    await tell(await emptyDigest())
    log.clear(START)
    expect(await tell({ t: 'want', ids: idsOf(line(5)) })).toBe(undefined)
    expect(of('past').flatMap(({ messages }) => messages)).toHaveLength(5)
  })

  it('too often is answered once in two seconds', async () => {
    await attach()
    for (let times = 0; times < 40; times++) {
      expect(await tell(await emptyDigest())).toBe(undefined)
      await clock.run(100)
    }
    expect(of('have').filter(({ more }) => !more)).toHaveLength(2)
  })

  it('for everything for ever gets no more than its budget, and always a whole answer', async () => {
    await attach()
    const before = victim.sentBytes
    const seconds = 80
    const all = line(600)
    let cut = 0
    for (let passed = 0; passed < seconds; passed += 2) {
      const answers = of('past').length
      await tell(await emptyDigest())
      for (let at = 0; at < 600; at += 200) await tell({ t: 'want', ids: idsOf(all.slice(at, at + 200)) })
      const now = of('past').slice(answers)
      if (now.flatMap(({ messages }) => messages).length < 600) cut++
      expect(now.at(-1)?.more).toBe(false)
      await clock.run(2_000)
    }
    expect(cut).toBeGreaterThan(0)
    expect(given).toBe(of('past').flatMap(({ messages }) => messages).length)
    expect(victim.sentBytes - before).toBeLessThan(PAST_BYTES.burst + seconds * PAST_BYTES.perSecond + 20_000)
    expect(victim.sentBytes - before).toBeGreaterThan(PAST_BYTES.burst)
  })
})
