import type { AccountId } from '../../protocol/device'
import { displayNameSchema } from '../../protocol/display-name'
import type { Decision } from '../../protocol/host-port'
import { MAX_HEARD_DEVICES, MAX_SLOW_SECONDS, MAX_TIMEOUT_MS } from '../../protocol/limits'
import type { Moderation } from '../../protocol/moderation'
import type { Role } from '../../protocol/role'
import { type Act, type Heard, rulerOf } from '../../protocol/ruling'
import type { LoggedMessage } from '../log/logged-message'

interface Circumstances {
  me: AccountId
  /** As what we may decide. */
  role: Role | null
  now: number
  log: { readonly all: readonly LoggedMessage[] }
  moderation: Moderation
  /** What somebody is here, as far as they show it. */
  roleOf(account: AccountId): Role | null
}

/** What is to be signed for a decision; `undefined` for one that is not ours to make, or about nobody. */
export function actOf(decision: Decision, facts: Circumstances): Act | undefined {
  const { role, now, log } = facts
  if (role === null) return undefined
  if (decision.act === 'slow') {
    return { act: 'slow', seconds: Math.min(MAX_SLOW_SECONDS, decision.seconds) }
  }
  if (decision.act === 'clear') return { act: 'clear', before: now }
  if (decision.act === 'delete') {
    const message = log.all.find(({ id }) => id === decision.message)
    if (!message || !mayActOn(message.account, facts)) return undefined
    const { account, name, id, time } = message
    return { act: 'delete', account, name, message: id, at: time.ms }
  }
  const { account } = decision
  const name = displayNameSchema.safeParse(decision.name)
  if (!name.success || !mayActOn(account, facts)) return undefined
  const target = { account, name: name.data }
  if (decision.act === 'unban') return { act: 'unban', ...target, heard: stillHeard(facts, account) }
  if (decision.act === 'timeout') {
    const until = now + Math.min(MAX_TIMEOUT_MS, decision.ms)
    return { act: 'timeout', ...target, heard: heardOf(log.all, account), until }
  }
  // Nothing that was said by somebody who is banned stays.
  return { act: 'ban', ...target, heard: [] }
}

/** Nobody decides about themselves, and only a broadcaster about who has a role. */
export function mayActOn(account: AccountId, { me, role, roleOf }: Circumstances): boolean {
  if (role === null || account === me) return false
  return role === 'broadcaster' || roleOf(account) === null
}

/** The last that is known of each device of an account, those that spoke last. */
function heardOf(all: readonly LoggedMessage[], account: AccountId): Heard {
  const last = new Map<LoggedMessage['device'], number>()
  for (const message of all) {
    if (message.account !== account) continue
    const seq = Math.max(last.get(message.device) ?? 0, message.seq)
    last.delete(message.device)
    last.set(message.device, seq)
  }
  return [...last].slice(-MAX_HEARD_DEVICES).map(([device, seq]) => ({ device, seq }))
}

/** What all that is undone left standing: what it took out stays out. */
function stillHeard({ role, moderation }: Circumstances, account: AccountId): Heard {
  const undone = moderation
    .barsOf(account)
    .filter((bar) => role === 'broadcaster' || rulerOf(bar)?.role !== 'broadcaster')
  const [first, ...others] = undone
  return (first?.heard ?? []).flatMap(({ device, seq }) => {
    const seqs = others.map(({ heard }) => heard.find((one) => one.device === device)?.seq)
    return seqs.includes(undefined) ? [] : [{ device, seq: Math.min(seq, ...seqs.map((n) => n ?? seq)) }]
  })
}
