import type { MessageView } from '../protocol/host-port'

/** More names say no more about a room. */
const MOST = 5

/** Somebody who was here, and when they were last heard of (ms). */
export interface LastHere {
  readonly accountId: MessageView['accountId']
  readonly name: string
  readonly ms: number
}

/** Who said something last in `messages`, which are in order: others only, each once, the latest first. */
export function lastHere(messages: readonly MessageView[]): LastHere[] {
  const found = new Map<string, LastHere>()
  for (let index = messages.length - 1; index >= 0 && found.size < MOST; index -= 1) {
    const message = messages[index]
    if (!message || message.mine || found.has(message.accountId)) continue
    const { accountId, name, ms } = message
    found.set(accountId, { accountId, name, ms })
  }
  return [...found.values()]
}
