import type { ConnectionView } from '../protocol/host-port'
import type { MessageKey } from './text'

/** How a connection feels: the colour of its dot. */
type ConnectionTone = 'good' | 'wait' | 'bad'

/** What is happening, in words a viewer understands. */
export function connectionWords(connection: ConnectionView, members: number): [MessageKey, ConnectionTone] {
  switch (connection.state) {
    case 'signed-out':
      return ['stateSignedOut', 'bad']
    case 'offline':
      return ['stateOffline', 'bad']
    case 'connecting':
      return ['stateConnecting', 'wait']
    case 'connected':
      if (members > 1 && connection.links === 0) return ['stateReaching', 'wait']
      return connection.server ? ['stateConnected', 'good'] : ['stateServerAway', 'wait']
  }
}
