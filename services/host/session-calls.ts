import type { HostFunctions, SayHow } from '../../protocol/host-port'
import { messageIdSchema } from '../../protocol/message'
import { channelRoom } from '../../protocol/room-id'
import type { RoomSession } from '../room/room-session'
import { foundView, olderView, personView } from './views'

type Call =
  | 'sayAgain'
  | 'discard'
  | 'older'
  | 'search'
  | 'writing'
  | 'clearHistory'
  | 'person'
  | 'about'
  | 'setLinkedOnly'
  | 'moderate'
  | 'report'
  | 'dismissReport'

const NO_MESSAGES = { messages: [], more: false }

/** What a panel calls that is about its room alone. Without a room it comes to nothing. */
export function sessionCalls(session: () => RoomSession | undefined): Pick<HostFunctions, Call> {
  return {
    sayAgain: async (key) => session()?.outbox.sayAgain(key),
    discard: async (key) => session()?.outbox.discard(key),
    older: async (id) => {
      const current = session()
      return current ? olderView(current, id) : NO_MESSAGES
    },
    search: async (text) => {
      const current = session()
      return current ? foundView(current, text) : NO_MESSAGES
    },
    writing: async (writing) => session()?.people.writing(writing),
    clearHistory: async () => session()?.log.clear(),
    setLinkedOnly: async (on) => session()?.standing.setLinkedOnly(on) ?? false,
    moderate: async (decision) => session()?.moderate(decision) ?? false,
    report: async (wish) => {
      const current = session()
      if (!current) return { failed: 'network' }
      // The tab has moved on since the viewer began: nobody here is to be told.
      if (wish.login !== undefined && current.room !== channelRoom(wish.login))
        return { failed: 'invalid_request' }
      return current.reports.report(wish)
    },
    dismissReport: async (id) => session()?.reports.dismiss(id),
    person: async (account) => {
      const current = session()
      return current ? personView(current, account) : null
    },
    about: async () => session()?.about() ?? null,
  }
}

/** Says something in a room, if there is one, as a panel asked for it. */
export async function sayIn(
  session: RoomSession | undefined,
  key: string,
  text: string,
  { reply, ...manner }: SayHow = {},
): ReturnType<HostFunctions['say']> {
  const id = messageIdSchema.optional().safeParse(reply)
  if (!id.success) return { refused: 'text-not-allowed' }
  const words = { ...manner, ...(id.data !== undefined && { reply: id.data }) }
  const refused = await (session?.say(key, text, words) ?? 'no-room')
  return refused ? { refused } : { accepted: true }
}
