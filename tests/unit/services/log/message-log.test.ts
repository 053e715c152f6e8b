import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareMessages } from '../../../../protocol/message'
import type { LoggedMessage } from '../../../../services/log/logged-message'
import { MessageLog } from '../../../../services/log/message-log'
import { shortIdOf } from '../../../../services/log/short-id'
import { deviceOf, proofOf, START, said, shuffled } from './spoken'

const [ann, bob, cid] = [deviceOf('ann'), deviceOf('bob'), deviceOf('cid')]
const at = (seq: number, ms: number, device = ann) => said(device, seq, START + ms)
const bodies = (messages: readonly LoggedMessage[]) => messages.map(({ body }) => body)

function filled(messages: LoggedMessage[], options = {}): MessageLog {
  const log = new MessageLog(options)
  for (const message of messages) log.add(message)
  return log
}

describe('a log', () => {
  it('keeps each message once, in order', () => {
    const log = new MessageLog()
    expect(log.add(at(1, 2_000))).toEqual({ t: 'added' })
    expect(log.add(at(0, 1_000))).toEqual({ t: 'added' })
    expect(log.add(at(0, 1_500, bob))).toEqual({ t: 'added' })
    expect(log.add(at(0, 1_000))).toEqual({ t: 'known' })
    expect(log.all).toEqual([at(0, 1_000), at(0, 1_500, bob), at(1, 2_000)])
  })

  it('keeps the newest: what is older than all of a full one is old, anything else pushes the oldest out', () => {
    const log = filled([at(0, 1_000), at(1, 2_000), at(2, 3_000)], { capacity: 3 })
    expect(log.isFull).toBe(true)
    expect(log.add(at(0, 500, bob))).toEqual({ t: 'old' })
    expect(log.has(shortIdOf(at(0, 500, bob).id))).toBe(false)
    expect(log.add(at(0, 1_500, bob))).toEqual({ t: 'added' })
    expect(log.all).toEqual([at(0, 1_500, bob), at(1, 2_000), at(2, 3_000)])
    expect(log.has(shortIdOf(at(0, 1_000).id))).toBe(false)
    expect(log.add(at(0, 1_000))).toEqual({ t: 'old' })
  })

  it('voids who contradicts themselves, and proves it', () => {
    const log = filled([at(0, 1_000), at(0, 1_500, bob), at(1, 2_000)])
    const lie = said(ann, 1, START + 2_500, 'another')
    expect(log.add(lie)).toEqual({
      t: 'contradiction',
      proof: { first: at(1, 2_000).signed, second: lie.signed, passport: lie.passport },
      removed: [at(0, 1_000), at(1, 2_000)],
    })
    expect(log.isVoid(ann)).toBe(true)
    expect(log.isVoid(bob)).toBe(false)
    expect(log.all).toEqual([at(0, 1_500, bob)])
    expect([...log.proofs.keys()]).toEqual([ann])
    expect(log.add(at(2, 3_000))).toEqual({ t: 'void' })
  })

  it('finds a contradiction with one that is no neighbour, and in one that is too old to keep', () => {
    const paced = Array.from({ length: 21 }, (_, seq) => at(seq, seq === 20 ? 29_999 : seq * 10))
    const log = new MessageLog()
    expect(shuffled(paced, 1).map((message) => log.add(message).t)).toContain('contradiction')
    const full = filled([at(4, 4_000), at(5, 5_000)], { capacity: 2 })
    expect(full.add(at(6, 1_000)).t).toBe('contradiction')
    const cleared = filled([at(4, 4_000), at(5, 5_000)])
    cleared.clear(START + 4_500)
    expect(cleared.add(at(6, 1_000)).t).toBe('contradiction')
  })

  it('takes proofs from elsewhere, once', () => {
    const log = filled([at(0, 1_000), at(0, 1_500, bob)])
    expect(log.void(ann, proofOf(ann))).toEqual([at(0, 1_000)])
    expect(log.void(ann, proofOf(ann))).toBe(false)
    expect(log.void(cid, proofOf(cid))).toEqual([])
    expect(bodies(log.all)).toHaveLength(1)
  })

  it('forgets what was there before it was cleared, and takes none of it back', () => {
    const log = filled([at(0, 1_000), at(1, 2_000), at(2, 3_000)])
    expect(log.clear(START + 2_000)).toEqual([at(0, 1_000), at(1, 2_000)])
    expect(log.clearedUntil).toBe(START + 2_000)
    expect(log.add(at(1, 2_000))).toEqual({ t: 'old' })
    expect(log.add(at(0, 2_001, bob))).toEqual({ t: 'added' })
    expect(log.clear(START)).toEqual([])
    expect(log.clearedUntil).toBe(START + 2_000)
  })

  it('gives pages', () => {
    const messages = Array.from({ length: 7 }, (_, seq) => at(seq, seq * 2_000))
    const log = filled(shuffled(messages, 3))
    expect(log.newest(3)).toEqual(messages.slice(4))
    expect(log.newest(0)).toEqual([])
    expect(log.newest(99)).toEqual(messages)
    expect(log.before(messages[4]?.id ?? '', 3)).toEqual({ messages: messages.slice(1, 4), more: true })
    expect(log.before(messages[3]?.id ?? '', 3)).toEqual({ messages: messages.slice(0, 3), more: false })
    expect(log.before(messages[0]?.id ?? '', 3)).toEqual({ messages: [], more: false })
    expect(log.before('nobody', 3)).toEqual({ messages: [], more: false })
  })

  it('knows when the message before is missing', () => {
    const log = filled([at(3, 3_000), at(5, 5_000), at(6, 6_000), at(8, 8_000, bob)])
    expect(log.hasGapBefore(at(3, 3_000))).toBe(false)
    expect(log.hasGapBefore(at(5, 5_000))).toBe(true)
    expect(log.hasGapBefore(at(6, 6_000))).toBe(false)
    expect(log.hasGapBefore(at(8, 8_000, bob))).toBe(false)
  })

  it('keeps the same proofs of more liars than it remembers, in whatever order they are found', () => {
    const liars = Array.from({ length: 9 }, (_, index) => deviceOf(index))
    const kept = [1, 2, 3].map((seed) => {
      const log = new MessageLog({ maxProofs: 4 })
      for (const liar of shuffled(liars, seed)) log.void(liar, proofOf(liar))
      return [...log.proofs.keys()].sort()
    })
    expect(kept).toEqual([kept[0], kept[0], kept[0]])
    expect(kept[0]).toHaveLength(4)
    const log = new MessageLog({ maxProofs: 4 })
    for (const liar of kept[0] ?? []) log.void(liar, proofOf(liar))
    const unlucky = liars.find((liar) => !log.isVoid(liar)) ?? ann
    log.add(said(unlucky, 0, START, 'yes'))
    expect(log.add(said(unlucky, 0, START, 'no'))).toEqual({ t: 'void' })
    expect(bodies(log.all)).toEqual(['yes'])
  })
})

/** Lines of several devices that keep the rules, as they might be said. */
const lines = fc
  .array(fc.record({ who: fc.nat(3), wait: fc.integer({ min: 1_500, max: 4_000 }) }), { maxLength: 60 })
  .map((turns) => {
    const next = new Map<number, { seq: number; ms: number }>()
    return turns.map(({ who, wait }) => {
      const { seq, ms } = next.get(who) ?? { seq: 0, ms: START }
      next.set(who, { seq: seq + 1, ms: ms + wait })
      return said(deviceOf(who), seq, ms + wait)
    })
  })

describe('whatever order messages come in', () => {
  it('the log is the same: the newest in order', () => {
    fc.assert(
      fc.property(lines, fc.nat(), fc.integer({ min: 1, max: 30 }), (messages, seed, capacity) => {
        const twice = shuffled([...messages, ...messages.slice(0, 10)], seed)
        const expected = [...messages].sort(compareMessages).slice(-capacity)
        expect(filled(twice, { capacity }).all).toEqual(expected)
      }),
      { numRuns: 100 },
    )
  })

  it('the same devices are void once proofs were exchanged, and the rest is the same', () => {
    fc.assert(
      fc.property(lines, fc.array(fc.nat(59), { maxLength: 3 }), fc.nat(), (messages, lies, seed) => {
        const false_ = lies.flatMap((index) => {
          const message = messages[index]
          return message ? [said(message.device, message.seq, message.time, 'a lie')] : []
        })
        const logs = [1, 2, 3].map((turn) => filled(shuffled([...messages, ...false_], seed + turn)))
        for (const from of logs)
          for (const to of logs) for (const [device, proof] of from.proofs) to.void(device, proof)
        const liars = new Set(false_.map(({ device }) => device))
        const honest = messages.filter(({ device }) => !liars.has(device)).sort(compareMessages)
        for (const log of logs) {
          expect(new Set(log.proofs.keys())).toEqual(liars)
          expect(log.all).toEqual(honest)
        }
      }),
      { numRuns: 60 },
    )
  })
})
