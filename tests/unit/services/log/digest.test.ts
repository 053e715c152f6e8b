import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeFrame } from '../../../../protocol/frames'
import { DIGEST_BUCKETS } from '../../../../protocol/limits'
import { digestSchema } from '../../../../protocol/reconciliation'
import { differenceTo, digestOf } from '../../../../services/log/digest'
import type { LoggedMessage } from '../../../../services/log/logged-message'
import { MessageLog } from '../../../../services/log/message-log'
import { packIds, shortIdOf, unpackIds } from '../../../../services/log/short-id'
import { deviceOf, proofOf, START, said, shuffled } from './spoken'

const ann = deviceOf('ann')
const line = (length: number) => Array.from({ length }, (_, seq) => said(ann, seq, START + seq * 1_500))

function filled(messages: LoggedMessage[], capacity?: number): MessageLog {
  const log = new MessageLog(capacity ? { capacity } : {})
  for (const message of messages) log.add(message)
  return log
}

describe('a digest', () => {
  it('of an empty log has one bucket for all time, or for all since it was cleared', async () => {
    const log = new MessageLog()
    expect((await digestOf(log)).starts).toEqual([0])
    log.clear(START)
    expect((await digestOf(log)).starts).toEqual([START + 1])
  })

  it('hashes the sorted short ids of each bucket, so that every implementation finds the same', async () => {
    const crowd = Array.from({ length: 9 }, (_, who) => said(deviceOf(who), 0, START))
    const { hashes } = await digestOf(filled(crowd))
    const ids = crowd.map(({ id }) => Buffer.from(id, 'base64url').subarray(0, 16)).sort(Buffer.compare)
    const expected = createHash('sha256').update(Buffer.concat(ids)).digest().subarray(0, 8)
    expect(Buffer.from(hashes.subarray(8)).toString('hex')).toBe(expected.toString('hex'))
  })

  it('of a full log begins with its oldest', async () => {
    const { starts } = await digestOf(filled(line(50), 40))
    expect(starts[0]).toBe(START + 10 * 1_500)
    expect((await digestOf(filled(line(50)))).starts[0]).toBe(0)
  })

  it('has buckets that hold as many messages each', async () => {
    const { starts } = await digestOf(filled(line(1_000)))
    expect(starts).toHaveLength(DIGEST_BUCKETS)
    for (const [index, start] of starts.entries()) {
      if (index === 0) continue
      const size = ((starts[index + 1] ?? START + 1_500_000) - start) / 1_500
      expect(size).toBeGreaterThanOrEqual(15)
      expect(size).toBeLessThanOrEqual(16)
    }
  })

  it('fits its schema and a frame, also when everything was said in one moment', async () => {
    const crowd = Array.from({ length: 300 }, (_, who) => said(deviceOf(who), 0, START))
    for (const log of [new MessageLog(), filled(line(1_000)), filled(crowd), filled(crowd, 300)]) {
      const digest = await digestOf(log)
      expect(digestSchema.safeParse(digest).success).toBe(true)
      expect(encodeFrame({ t: 'digest', ...digest }).length).toBeLessThan(1_300)
    }
  })

  it('tells nothing apart that is the same, in whatever order it came', async () => {
    const digest = await digestOf(filled(line(300)))
    const difference = await differenceTo(digest, filled(shuffled(line(300), 4)))
    expect(difference).toEqual({ messages: [], areBucketsAlike: true, areVoidedAlike: true })
  })

  it('names only the bucket that differs, newest first', async () => {
    const messages = line(1_000)
    const digest = await digestOf(filled(messages.filter((_, index) => index !== 500)))
    const { messages: named, areBucketsAlike } = await differenceTo(digest, filled(messages))
    expect(areBucketsAlike).toBe(false)
    expect(named).toContainEqual(messages[500])
    expect(named.length).toBeLessThanOrEqual(17)
    expect(named.map(({ seq }) => seq)).toEqual(named.map(({ seq }) => seq).sort((a, b) => b - a))
  })

  it('sees that the other lacks what it has, though there is nothing to name', async () => {
    const difference = await differenceTo(await digestOf(filled(line(1))), new MessageLog())
    expect(difference).toMatchObject({ messages: [], areBucketsAlike: false })
  })

  it('wants nothing from before its horizon', async () => {
    const log = filled(line(10))
    log.clear(START + 4 * 1_500)
    const { messages } = await differenceTo(await digestOf(log), filled(line(12)))
    expect(messages.map(({ seq }) => seq).filter((seq) => seq < 5)).toEqual([])
    expect(messages.map(({ seq }) => seq)).toContain(11)
  })

  it('compares who is void', async () => {
    const [one, other] = [new MessageLog(), new MessageLog()]
    one.void(ann, proofOf(ann))
    expect((await differenceTo(await digestOf(one), other)).areVoidedAlike).toBe(false)
    const bob = deviceOf('bob')
    one.void(bob, proofOf(bob))
    other.void(bob, proofOf(bob))
    other.void(ann, proofOf(ann))
    expect((await differenceTo(await digestOf(one), other)).areVoidedAlike).toBe(true)
  })

  it('of any two logs leads to all that one has and the other lacks', async () => {
    const messages = line(120)
    const subset = fc.subarray(messages, { minLength: 0 })
    await fc.assert(
      fc.asyncProperty(subset, subset, async (mine, theirs) => {
        const [log, other] = [filled(mine), filled(theirs)]
        const { messages: named } = await differenceTo(await digestOf(log), other)
        const ids = new Set(named.map(({ id }) => id))
        expect(theirs.filter((message) => !mine.includes(message) && !ids.has(message.id))).toEqual([])
      }),
      { numRuns: 40 },
    )
  })
})

it('short ids go into bytes and back, and sort like them', () => {
  const ids = line(20).map(({ id }) => shortIdOf(id))
  expect(unpackIds(packIds(ids))).toEqual(ids)
  expect(packIds(ids)).toHaveLength(20 * 16)
  const sorted = [...ids].sort()
  const bytes = ids.map((id) => Buffer.from(packIds([id]))).sort(Buffer.compare)
  expect(bytes.map((id) => id.toString('hex'))).toEqual(sorted)
})
