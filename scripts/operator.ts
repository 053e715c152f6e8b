import { z } from 'zod'

/** The Worker's door for its operator, as `npm run admin` uses it. */
export interface Door {
  /** Of the Worker. */
  origin: string
  /** The secret ADMIN_KEY. */
  key: string
  fetch(request: Request): Promise<Response>
}

/** Told without a stack: bad usage, or what the Worker refused. */
export class Refusal extends Error {}

export const COMMANDS = [
  'show',
  'suspend',
  'unsuspend',
  'remove-picture',
  'release-name',
  'export',
  'delete',
  'reports',
] as const
export type Command = (typeof COMMANDS)[number]

/** An account's id: 16 random bytes, base64url. A name may look like one. */
const ACCOUNT_ID = /^[A-Za-z0-9_-]{21}[AQgw]$/

const overviewSchema = z.object({
  accountId: z.string(),
  standing: z.string(),
  createdAt: z.number(),
  displayName: z.string().nullable(),
  ver: z.number(),
  devices: z.number(),
  seenAt: z.number().nullable(),
  avatar: z.string().nullable(),
  twitch: z.string().nullable(),
})
type Overview = z.infer<typeof overviewSchema>
const accountsSchema = z.object({ accounts: z.array(overviewSchema) })
const renamedSchema = z.object({
  renamed: z.array(z.object({ accountId: z.string(), displayName: z.string() })),
})
const reportsSchema = z.object({
  reports: z.array(
    z.object({
      at: z.number(),
      room: z.string(),
      reporter: z.object({ accountId: z.string(), name: z.string() }),
      account: z.string(),
      name: z.string(),
      reason: z.string(),
      words: z.string(),
      messages: z.array(z.object({ text: z.string(), ms: z.number() })),
      unproven: z.number(),
    }),
  ),
})
type Report = z.infer<typeof reportsSchema>['reports'][number]
const problemSchema = z.object({ code: z.string(), detail: z.string().optional() })

/** Does one thing to `who`: an account's id or its display name, or with `reports` nobody. Returns lines to print. @throws {Refusal} */
export async function operate(door: Door, command: Command, who: string): Promise<string[]> {
  if (command === 'reports') {
    const { reports } = reportsSchema.parse(await ask(door, 'GET', '/admin/reports'))
    return reports.length === 0 ? ['no reports'] : reports.flatMap(reportLines)
  }
  if (command === 'release-name') {
    const { renamed } = renamedSchema.parse(
      await ask(door, 'DELETE', `/admin/names/${encodeURIComponent(who)}`),
    )
    return [
      `${who} is free`,
      ...renamed.map(({ accountId, displayName }) => `${accountId} is ${displayName} now`),
    ]
  }
  // There is no way back, and a name may be another's tomorrow.
  if (command === 'delete' && !ACCOUNT_ID.test(who))
    throw new Refusal('delete wants the account id: see show')
  const account = await find(door, who)
  const path = `/admin/accounts/${account.accountId}`
  if (command === 'show') return linesOf(account)
  if (command === 'export') return [JSON.stringify(await ask(door, 'GET', `${path}/export`), null, 2)]
  if (command === 'delete') {
    if (account.accountId !== who) throw new Refusal(`nobody is called ${who}`)
    return linesOf(overviewSchema.parse(await ask(door, 'DELETE', path)))
  }
  if (command === 'remove-picture') {
    await ask(door, 'DELETE', `${path}/picture`)
    return linesOf({ ...account, avatar: null })
  }
  const method = command === 'suspend' ? 'POST' : 'DELETE'
  return linesOf(overviewSchema.parse(await ask(door, method, `${path}/suspension`)))
}

async function find(door: Door, who: string): Promise<Overview> {
  if (ACCOUNT_ID.test(who)) {
    const found = await ask(door, 'GET', `/admin/accounts/${who}`).catch((error: unknown) => {
      if (error instanceof Refusal) return undefined
      throw error
    })
    if (found !== undefined) return overviewSchema.parse(found)
  }
  const { accounts } = accountsSchema.parse(await ask(door, 'GET', `/admin/names/${encodeURIComponent(who)}`))
  // One that gave the name up lately holds it, too, but is called otherwise.
  const named = accounts.filter(({ displayName }) => displayName?.toLowerCase() === who.toLowerCase())
  const [account, another] = named.length > 0 ? named : accounts
  if (!account) throw new Refusal(`nobody is called ${who}`)
  if (another) throw new Refusal(`${who} may be more than one: ${accounts.map((a) => a.accountId).join(' ')}`)
  return account
}

async function ask({ origin, key, fetch }: Door, method: string, path: string): Promise<unknown> {
  const response = await fetch(
    new Request(new URL(path, origin), { method, headers: { Authorization: `Bearer ${key}` } }),
  ).catch(() => {
    throw new Refusal(`${origin} cannot be reached`)
  })
  if (response.status === 204) return undefined
  const body: unknown = await response.json().catch(() => undefined)
  if (response.ok) return body
  const { data: problem } = problemSchema.safeParse(body)
  if (problem?.detail !== undefined) throw new Refusal(problem.detail)
  if (problem?.code === 'not_found')
    throw new Refusal(`${origin} has no door for this key: is ADMIN_KEY the same there and here?`)
  throw new Refusal(`${origin} answered ${response.status} ${problem?.code ?? ''}`.trimEnd())
}

const when = (ms: number | null) => (ms === null ? 'never' : new Date(ms).toISOString())

/** What others wrote, on one line and without what a terminal would obey. */
const plain = (text: string) => JSON.stringify(text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' '))

const reportLines = ({ at, room, reporter, account, name, reason, words, messages, unproven }: Report) => [
  `${when(at)}  ${reason}  ${room}`,
  `  about   ${account} ${plain(name)}`,
  `  by      ${reporter.accountId} ${plain(reporter.name)}`,
  ...(words === '' ? [] : [`  words   ${plain(words)}`]),
  ...messages.map(({ text, ms }) => `  said    ${when(ms)} ${plain(text)}`),
  ...(unproven > 0 ? [`  ${unproven} more that nobody can tell to be theirs`] : []),
]

const linesOf = (account: Overview) => [
  `account   ${account.accountId}`,
  `standing  ${account.standing}`,
  `name      ${account.displayName ?? 'none'}`,
  `created   ${when(account.createdAt)}`,
  `devices   ${account.devices}, last seen ${when(account.seenAt)}`,
  `picture   ${account.avatar ?? 'none'}`,
  `twitch    ${account.twitch ?? 'none'}`,
]
