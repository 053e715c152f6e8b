import type { Ref } from 'vue'
import type { FoundMessages, MessageView } from '../protocol/host-port'
import { newestMatching, searchWords } from '../protocol/text-search'
import { compareViews } from '../protocol/view-order'

/** How many are shown, the newest. */
export const MAX_FOUND = 50

interface Sources {
  /** What the panel has: of a busy room more than the host keeps. */
  messages: Readonly<Ref<readonly MessageView[]>>
  /** Searches what the host keeps. */
  ask(text: string): Promise<FoundMessages>
}

/** Searches a room: what is in the panel, and the history. Resolves with the newest first; rejects where the host is away. */
export function createRoomSearch({ messages, ask }: Sources) {
  return async (text: string): Promise<FoundMessages> => {
    const words = searchWords(text)
    if (words.length === 0) return { messages: [], more: false }
    const kept = await ask(text)
    const shown = newestMatching(messages.value, ({ name, text }) => [name, text], words, MAX_FOUND)
    const all = new Map([...kept.messages, ...shown.messages].map((message) => [message.id, message]))
    const newest = [...all.values()].sort((a, b) => compareViews(b, a))
    return {
      messages: newest.slice(0, MAX_FOUND),
      more: kept.more || shown.more || newest.length > MAX_FOUND,
    }
  }
}
