import { channelRoom } from '../../protocol/room-id'
import type { RoomSession } from '../../services/room/room-session'
import { BenchMember } from './bench-member'
import type { Adapter } from './mesh-adapter'

/**
 * Sidestream's own services over its own links, joined to its own Worker. Signed in beforehand; the ticket, the room's
 * socket, introductions and links are part of joining. A member's presence, signed, is its greeting.
 */
export const sidestream: Adapter = {
  async prepare({ origin, email, codeFor }) {
    const member = await BenchMember.signIn(origin, email, codeFor)
    const credentials = await member.credentials()
    return async (room, { onHeard, onText }) => {
      let session: RoomSession | undefined
      const others = ({ people, me }: RoomSession) => people.count - (people.member(me) ? 1 : 0)
      const joined = await member.enter(channelRoom(room), credentials, {
        onChange: (change) => {
          if (change.t === 'members' && session) onHeard(others(session))
          if (change.t === 'message') onText(change.message.body)
        },
      })
      session = joined
      return {
        say: (text) => void joined.say(crypto.randomUUID(), text),
        leave: () => joined.leave(),
      }
    }
  },
}
