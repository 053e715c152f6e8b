import type { RoomId } from '../../protocol/room-id'
import { roomLogin } from '../../protocol/room-id'
import type { LoggedMessage } from '../log/logged-message'
import type { RoomSession } from '../room/room-session'
import type { Attention, Heard } from './attention'

/** Passes on what may call the viewer in a room: what others said since the visit began. */
export function hear(
  attention: Attention,
  message: LoggedMessage,
  session: RoomSession,
  { room, tab, me, inView }: Pick<Heard, 'tab' | 'me' | 'inView'> & { room: RoomId },
): void {
  if (message.account === session.account || message.time.ms < session.since) return
  const answered = message.reply === undefined ? undefined : session.log.get(message.reply)
  const { name, body: text, time } = message
  attention.heard({
    ...{ room, login: roomLogin(room), tab, name, text, ms: time.ms, me, inView },
    answersMe: answered?.account === session.account,
  })
}
