import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodeFrame, encodeFrame } from '../../../../protocol/frames'
import { pastBatches } from '../../../../services/log/past-batches'
import { deviceOf, START, said } from './spoken'

const template = said(deviceOf('ann'), 0, START)
const messageOf = (size: number, passport: string) => ({
  ...template,
  passport,
  signed: { bytes: new Uint8Array(size), sig: new Uint8Array(64) },
})

it('batches of messages and passports of any size are frames that every peer takes', () => {
  const sizes = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 4_096 }))
  const author = fc.record({
    name: fc.nat(40),
    length: fc.oneof(fc.constant(3), fc.integer({ min: 3, max: 1_200 })),
  })
  const messages = fc.array(
    fc.tuple(sizes, author).map(([size, { name, length }]) => messageOf(size, `${name}`.padEnd(length, '.'))),
    { minLength: 1, maxLength: 150, size: 'max' },
  )
  fc.assert(
    fc.property(messages, (past) => {
      const batches = pastBatches(past, new Set())
      for (const batch of batches)
        expect(decodeFrame(encodeFrame({ t: 'past', ...batch, more: true }))).not.toHaveProperty('fault')
      expect(batches.flatMap(({ messages }) => messages)).toEqual(past.map(({ signed }) => signed))
    }),
    { numRuns: 40 },
  )
})

it('as many as a frame may hold go into one', () => {
  const small = Array.from({ length: 130 }, () => messageOf(1, 'x'))
  expect(pastBatches(small, new Set()).map(({ messages }) => messages.length)).toEqual([64, 64, 2])
  const strangers = Array.from({ length: 40 }, (_, index) => messageOf(1, `${index}`))
  expect(pastBatches(strangers, new Set()).map(({ passports }) => passports.length)).toEqual([16, 16, 8])
})

it('a passport comes with the first message that needs it, unless it came before', () => {
  const [a, b] = [messageOf(2_000, 'a'), messageOf(2_000, 'b')]
  const passports = (vouched: string[]) =>
    pastBatches([a, b, a, b, a], new Set(vouched)).map((batch) => batch.passports)
  expect(passports([])).toEqual([['a', 'b'], []])
  expect(passports(['a'])).toEqual([['b'], []])
  expect(pastBatches([], new Set())).toEqual([])
})
