import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { EXCUSABLE_FAULTS, type FrameFault } from '../../../protocol/frames'
import * as limits from '../../../protocol/limits'
import { SocketClose } from '../../../protocol/room-socket'
import * as workerLimits from '../../../worker/limits'
import { FRAMES, FROM_MEMBER, TO_MEMBER } from '../../vectors/wires'

const root = new URL('../../../', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), 'utf8')
const protocol = read('docs/PROTOCOL.md')
const threats = read('docs/THREAT_MODEL.md')

/** Rows of tables whose first cell is a name in code, as cells. */
const rowsOf = (text: string) =>
  [...text.matchAll(/^\| `([^`]+)` \|(.*)\|$/gm)].map(([, name = '', rest = '']) => ({
    name,
    cells: rest.split(' | ').map((cell) => cell.trim()),
  }))

const part = (title: string) => {
  const from = protocol.indexOf(`\n## ${title}\n`)
  expect(from).toBeGreaterThan(0)
  const end = protocol.indexOf('\n## ', from + 1)
  return protocol.slice(from, end < 0 ? undefined : end)
}

const said = (value: number | object): string =>
  typeof value === 'number'
    ? value.toLocaleString('en')
    : Object.entries(value)
        .map(([name, inner]) => `${name} ${said(inner)}`)
        .join(', ')

describe('PROTOCOL.md', () => {
  const rows = rowsOf(part('Limits'))
  it('names every limit that both ends must agree on, once', () => {
    const names = rows.map(({ name }) => name)
    expect(names).toEqual([...new Set(names)])
    expect(names.filter((name) => name in limits).sort()).toEqual(Object.keys(limits).sort())
  })

  it.each(rows)('says what $name is', ({ name, cells }) => {
    const value = new Map<string, number | object>(Object.entries({ ...workerLimits, ...limits })).get(name)
    expect(value).toBeDefined()
    expect(cells[0]).toBe(said(value ?? {}))
  })

  it('names no limit that does not exist', () => {
    const named = [...protocol.matchAll(/`([A-Z]{2,}(?:_[A-Z]+)+)/g)].map(([, name = '']) => name)
    const known = new Set([...Object.keys(limits), ...Object.keys(workerLimits)])
    expect(named.filter((name) => !known.has(name))).toEqual([])
  })

  it('tells each fault, and which are excused', () => {
    const excused: Record<FrameFault, boolean> = {
      oversized: false,
      malformed: false,
      'wrong-room': false,
      'bad-signature': false,
      'bad-passport': false,
      'unknown-key': true,
      'unknown-author': true,
      replayed: true,
      stale: true,
      'from-the-future': true,
      'void-author': true,
      unsolicited: false,
      'no-proof': false,
      revoked: true,
      'bad-revocation': false,
      'bad-role': false,
      unlinked: true,
      banned: true,
    }
    const told = rowsOf(part('Faults')).map(({ name, cells }) => [name, cells.at(-1) === 'yes'])
    expect(Object.fromEntries(told)).toEqual(excused)
    const isExcused = Object.entries(excused).filter(([, yes]) => yes)
    expect(new Set(isExcused.map(([name]) => name))).toEqual(new Set(EXCUSABLE_FAULTS))
  })

  it('tells each frame, socket message and close code', () => {
    const [, ...frames] = rowsOf(part('Frames')).map(({ name }) => name)
    expect(frames.sort()).toEqual([...new Set(FRAMES.map(({ t }) => t))].sort())
    const [from = '', to = ''] = part('Room socket').split('| to a member |')
    const kinds = (text: string) => [...text.matchAll(/\| `\{t: "(\w+)"/g)].map(([, t]) => t).sort()
    const kindsOf = (messages: readonly { t: string }[]) => [...new Set(messages.map(({ t }) => t))].sort()
    expect(kinds(from)).toEqual(kindsOf(FROM_MEMBER))
    expect(kinds(to)).toEqual(kindsOf(TO_MEMBER))
    for (const code of Object.values(SocketClose)) expect(to).toContain(`| ${code} |`)
  })
})

describe('limits of the Worker', () => {
  it('hold a Twitch account for as long as anything signed may say whose it was', () => {
    const { PASSPORT_LIFETIME_MS, ROLE_GRANT_LIFETIME_MS } = limits
    expect(workerLimits.TWITCH_HOLD_MS).toBeGreaterThanOrEqual(
      Math.max(PASSPORT_LIFETIME_MS, ROLE_GRANT_LIFETIME_MS),
    )
  })
})

describe('THREAT_MODEL.md', () => {
  it('names tests that exist', () => {
    const paths = new Set([...threats.matchAll(/`(tests\/[^`]+)`/g)].map(([, path = '']) => path))
    expect(paths.size).toBeGreaterThan(20)
    expect([...paths].filter((path) => !existsSync(new URL(path, root)))).toEqual([])
  })

  it('shows every promise by a test', () => {
    const promises = [...threats.matchAll(/^\| (?!promise|---)(.*) \| (.*) \|$/gm)]
    expect(promises.length).toBeGreaterThan(20)
    for (const [row, , tests = ''] of promises) expect(tests, row).toMatch(/^`tests\/[^`]+\.ts`/)
  })
})
