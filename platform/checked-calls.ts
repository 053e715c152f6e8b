import type { HostFunctions } from '../protocol/host-port'

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

/** `host` behind a check of every argument's shape. What no panel of ours says is refused, or does nothing. */
export function checkedCalls(host: HostFunctions): CheckedCalls {
  return {
    snapshot: () => host.snapshot(),
    say: async (key, text) =>
      isKey(key) && isText(text) ? host.say(key, text) : { refused: 'text-not-allowed' },
    sayAgain: async (key) => (isKey(key) ? host.sayAgain(key) : undefined),
    discard: async (key) => (isKey(key) ? host.discard(key) : undefined),
    older: async (id) => (isId(id) ? host.older(id) : { messages: [], more: false }),
    writing: async (now) => (typeof now === 'boolean' ? host.writing(now) : undefined),
    clearHistory: () => host.clearHistory(),
    setLinkedOnly: async (on) => (typeof on === 'boolean' ? host.setLinkedOnly(on) : false),
    setCollapsed: async (collapsed) =>
      typeof collapsed === 'boolean' ? host.setCollapsed(collapsed) : undefined,
    reconnectNow: () => host.reconnectNow(),
    about: () => host.about(),
  }
}
