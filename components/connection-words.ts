import type { ConnectionView } from '../protocol/host-port'
import type { MessageKey } from './text'

interface ConnectionWords {
  words: MessageKey
  /** What it means for the viewer, where that is not plain. */
  note?: MessageKey
  /** How it feels: the colour of its dot. */
  tone: 'good' | 'wait' | 'bad'
  /** Whether trying at once may help. */
  canReconnect: boolean
}

/** What is happening, in words a viewer understands. `people` counts the viewer, too. */
export function connectionWords({ state, server }: ConnectionView, people: number): ConnectionWords {
  switch (state) {
    case 'signed-out':
      return { words: 'stateSignedOut', tone: 'bad', canReconnect: false }
    case 'offline':
      return { words: 'stateOffline', note: 'stateOfflineNote', tone: 'bad', canReconnect: true }
    case 'connecting':
      return { words: 'stateConnecting', tone: 'wait', canReconnect: true }
    case 'hub-only':
      return people > 1
        ? { words: 'stateReaching', tone: 'wait', canReconnect: true }
        : { words: 'stateAlone', tone: 'good', canReconnect: false }
    case 'connected':
      return server
        ? { words: 'stateConnected', tone: 'good', canReconnect: false }
        : { words: 'stateServerAway', note: 'stateServerAwayNote', tone: 'wait', canReconnect: true }
  }
}
