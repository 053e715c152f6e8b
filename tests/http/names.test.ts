import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { freePort } from '../../scripts/stage/port.ts'
import { type RunningWorker, startWorker } from '../../scripts/stage/worker.ts'
import { nameFolds } from '../../worker/names/fold'
import { each as abreast } from './each'
import { mailedCodes } from './mailed-codes'
import { type Member, newMember } from './member'

const CLAIMS = 500
/** Sign-ins at once. */
const WIDTH = 16
/** Members that rename while the Worker is killed. */
const RENAMING = 24
/** How often each of them does, at most. */
const ROUNDS = 6

let dir: string
let worker: RunningWorker
const codes = mailedCodes()
let members: Member[]

const each = <T, R>(items: readonly T[], work: (item: T, index: number) => Promise<R>, width = WIDTH) =>
  abreast(items, work, width)

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sidestream-names-'))
  const port = await freePort()
  worker = await startWorker({
    port,
    stateDir: dir,
    vars: { MAILS_PER_NETWORK: String(2 * CLAIMS) },
    onMail: codes.onMail,
  })
  members = await each(
    Array.from({ length: CLAIMS }, (_, index) => index),
    () => newMember(worker.origin, codes.codeFor),
  )
}, 300_000)

afterAll(async () => {
  await worker?.stop()
  await rm(dir, { recursive: true, force: true, maxRetries: 5 })
}, 60_000)

const codeIn = (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error)
const foldsOf = (names: readonly string[]) => names.flatMap(nameFolds)

it('gives every account a name of its own', async () => {
  const views = await each(members, ({ identity }) => identity.view())
  const names = views.map((view) => (view.state === 'signed-in' ? view.displayName : ''))
  expect(new Set(names).size).toBe(CLAIMS)
  expect(new Set(foldsOf(names)).size).toBe(foldsOf(names).length)
  for (const name of names) expect(name).toMatch(/^[A-Z][a-z]+[A-Z][a-z]+\d{2,3}$/)
})

it('gives a name to exactly one of 500 who claim it at once, however they spell it', async () => {
  // Everybody has a token by then, so that the claims come at once.
  await each(members, ({ names }) => names.availability('Lumenfox'))
  const spellings = ['Lumenfox', 'LUMENFOX', 'lumenfox', 'Lumenf0x', 'Lumenfоx', 'Ｌumenfox']
  const outcomes = await Promise.all(
    members.map(({ names }, index) =>
      names.rename(spellings[index % spellings.length] ?? '').then(() => 'won', codeIn),
    ),
  )
  expect(outcomes.filter((outcome) => outcome === 'name_taken')).toHaveLength(CLAIMS - 1)
  const winner = outcomes.indexOf('won')
  const some = members.filter((_, index) => index === winner || index % 25 === 0)
  const held = await each(some, (member) => member.ownName())
  expect(held.filter((name) => nameFolds(name).includes('lurnenfox'))).toEqual([
    spellings[winner % spellings.length],
  ])
}, 120_000)

it('answers the extension’s own questions, in any script', async () => {
  const [ann, ben] = members
  if (!ann || !ben) throw new Error('nobody is here')
  for (const name of ['Zoë_1', '名無しさん', 'Вася', 'مرحبا', '𝓣𝓸𝓶', 'a.b-c'].map((one) =>
    one.normalize('NFC'),
  )) {
    expect(await ann.names.availability(name)).toEqual({ available: true })
    expect(await ann.names.rename(name)).toMatchObject({ displayName: name })
    expect(await ann.ownName()).toBe(name)
    expect(await ann.names.availability(name)).toEqual({ available: false, reason: 'yours' })
    expect(await ben.names.availability(name)).toEqual({ available: false, reason: 'taken' })
  }
  expect(await ann.names.suggest()).toHaveLength(5)
  expect((await ann.names.suggest('Zoë & co')).some((name) => name.includes('Zoëco'))).toBe(true)
}, 60_000)

it.each([1, 12])(
  'loses no name that it gave, when killed after %i renames',
  async (acknowledged) => {
    const some = members.slice(acknowledged * 10, acknowledged * 10 + RENAMING)
    /** Two want the same name each time. */
    const wanted = (index: number, round: number) =>
      `Wanted${'abcdefgh'[round]}${'klnpqrst'[index % 8]}x${'abcdefgh'[Math.floor(index / 16)]}${acknowledged}z`
    let done = 0
    let killed: Promise<void> | undefined
    const ends = await each(
      some,
      async ({ names, identity }, index) => {
        const view = await identity.view()
        let name = view.state === 'signed-in' ? view.displayName : ''
        for (let round = 0; round < ROUNDS; round++) {
          const next = wanted(index, round)
          const outcome = await names.rename(next).then(() => 'won', codeIn)
          if (outcome === 'won') name = next
          if (outcome === 'won' && ++done === acknowledged) killed = worker.kill()
          if (outcome !== 'won' && outcome !== 'name_taken') return { name, next, outcome }
        }
        return { name, next: name, outcome: 'finished' }
      },
      RENAMING,
    )
    expect(killed).toBeDefined()
    await killed
    expect(ends.map(({ outcome }) => outcome)).toContain('worker_unreachable')
    await worker.restart()

    const after = await each(some, (member) => member.ownName())
    expect(new Set(foldsOf(after)).size).toBe(foldsOf(after).length)
    // What was acknowledged is kept, unless the one that was on its way came through.
    for (const [index, name] of after.entries())
      expect([ends[index]?.name, ends[index]?.next]).toContain(name)
    // Nobody is stuck: of those who want the same, one has it in the end, and the others are told that it is taken.
    const again = await each(some, ({ names }, index) =>
      names.rename(wanted(index, 7)).then(() => 'won', codeIn),
    )
    expect(again.filter((outcome) => outcome === 'won')).toHaveLength(
      new Set(some.map((_, index) => wanted(index, 7))).size,
    )
    expect(again.filter((outcome) => outcome !== 'won' && outcome !== 'name_taken')).toEqual([])
    // Nor is what was on its way: whoever wanted it can have it at once.
    const retried = await each(some, ({ names }, index) =>
      names.rename(ends[index]?.next ?? '').then(() => 'won', codeIn),
    )
    expect(retried.filter((outcome) => outcome !== 'won' && outcome !== 'name_taken')).toEqual([])
    const last = await each(some, (member) => member.ownName())
    for (const [index, { next }] of ends.entries()) {
      const holders = last.filter((name) => name === next)
      expect(holders.length, next).toBeLessThanOrEqual(1)
      if (retried[index] === 'won') expect(last[index]).toBe(next)
    }
  },
  120_000,
)
