import { attentionFrom, CALLED_BY } from '../protocol/attention'
import { type AccountId, accountIdSchema } from '../protocol/device'
import type { Draft } from '../protocol/draft'
import { decisionSchema, type HostFunctions, type SayHow } from '../protocol/host-port'
import type { Standing } from '../protocol/people'
import { reportWishSchema } from '../protocol/report-wish'

/** What a panel may call, whatever it hands over. */
export type CheckedCalls = {
  [Name in keyof HostFunctions]: (...args: unknown[]) => ReturnType<HostFunctions[Name]>
}

/** A panel names its lines by UUIDs, and messages by their hashes. */
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const MAX_ID_LENGTH = 100
/** UTF-16 units: far more than any message, so that nobody fills the host's memory. */
const MAX_TEXT_LENGTH = 10_000

const isKey = (value: unknown): value is string => typeof value === 'string' && UUID.test(value)
const isText = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= MAX_TEXT_LENGTH
const isId = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= MAX_ID_LENGTH

/** JSON has no `undefined`: what is left out of a call may come as `null`. */
function isHow(value: unknown): value is SayHow | null | undefined {
  if (value === undefined || value === null) return true
  if (typeof value !== 'object' || Array.isArray(value)) return false
  return Object.entries(value).every(
    ([name, part]) => (name === 'me' && part === true) || (name === 'reply' && isId(part)),
  )
}

function isDraft(value: unknown): value is Draft {
  if (typeof value !== 'object' || value === null || !('text' in value) || !('reply' in value)) return false
  return isText(value.text) && (value.reply === null || isReply(value.reply))
}

/** A preview as the host itself gave it out. */
function isReply(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('id' in value) || !isId(value.id)) return false
  return Object.values(value).every((part) => part === true || isText(part))
}

const isAccount = (value: unknown): value is AccountId => accountIdSchema.safeParse(value).success
const isStanding = (value: unknown): value is Standing | null | undefined =>
  value === 'muted' || value === 'blocked' || value === null || value === undefined

/** `host` behind a check of every argument's shape. What no panel of ours says is refused, or does nothing. */
export function checkedCalls(host: HostFunctions): CheckedCalls {
  return {
    snapshot: () => host.snapshot(),
    say: async (key, text, how) =>
      isKey(key) && isText(text) && isHow(how)
        ? host.say(key, text, how ?? undefined)
        : { refused: 'text-not-allowed' },
    sayAgain: async (key) => (isKey(key) ? host.sayAgain(key) : undefined),
    discard: async (key) => (isKey(key) ? host.discard(key) : undefined),
    older: async (id) => (isId(id) ? host.older(id) : { messages: [], more: false }),
    search: async (text) => (isText(text) ? host.search(text) : { messages: [], more: false }),
    writing: async (now) => (typeof now === 'boolean' ? host.writing(now) : undefined),
    clearHistory: () => host.clearHistory(),
    setLinkedOnly: async (on) => (typeof on === 'boolean' ? host.setLinkedOnly(on) : false),
    moderate: async (decision) => {
      const { data } = decisionSchema.safeParse(decision)
      return data ? host.moderate(data) : false
    },
    report: async (wish) => {
      const { data } = reportWishSchema.safeParse(wish)
      return data ? host.report(data) : { failed: 'invalid_request' }
    },
    dismissReport: async (id) => (isId(id) ? host.dismissReport(id) : undefined),
    setAway: async (away) => (typeof away === 'boolean' ? host.setAway(away) : undefined),
    attend: async (attention, title) =>
      host.attend(attentionFrom(attention), isId(title) ? title : CALLED_BY),
    draft: async (place) => (isId(place) ? host.draft(place) : null),
    keepDraft: async (place, draft) =>
      isId(place) && isDraft(draft)
        ? host.keepDraft(place, { text: draft.text, reply: draft.reply })
        : undefined,
    person: async (account) => (isAccount(account) ? host.person(account) : null),
    choose: async (account, name, standing) =>
      isAccount(account) && isId(name) && isStanding(standing)
        ? host.choose(account, name, standing ?? null)
        : false,
    setCollapsed: async (collapsed) =>
      typeof collapsed === 'boolean' ? host.setCollapsed(collapsed) : undefined,
    reconnectNow: () => host.reconnectNow(),
    about: () => host.about(),
    emotes: () => host.emotes(),
  }
}
