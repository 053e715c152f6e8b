import type { DeviceId } from '../../protocol/device'
import type { MessageView } from '../../protocol/host-port'
import type { LoggedMessage } from '../room/message-log'

/** A message as a panel shows it. `reach`: how many links took it, for our own. */
export function messageView(message: LoggedMessage, me: DeviceId | undefined, reach?: number): MessageView {
  return {
    id: message.id,
    accountId: message.account,
    device: message.device,
    name: message.name,
    text: message.body,
    ms: message.time.ms,
    mine: message.device === me,
    ...(reach !== undefined && { reach }),
  }
}
