import type { ConnectionView } from '../protocol/host-port'
import type { MessageKey, Translate } from './text'

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
export function connectionWords({ state, server, kinds }: ConnectionView, people: number): ConnectionWords {
  switch (state) {
    case 'signed-out':
      return { words: 'stateSignedOut', tone: 'bad', canReconnect: false }
    case 'barred':
      return { words: 'stateBarred', tone: 'wait', canReconnect: true }
    case 'banned':
      return { words: 'stateBanned', tone: 'bad', canReconnect: true }
    case 'offline':
      return { words: 'stateOffline', note: 'stateOfflineNote', tone: 'bad', canReconnect: true }
    case 'connecting':
      return { words: 'stateConnecting', tone: 'wait', canReconnect: true }
    case 'hub-only':
      return people > 1
        ? { words: 'stateReaching', tone: 'wait', canReconnect: true }
        : { words: 'stateAlone', tone: 'good', canReconnect: false }
    case 'connected':
      if (!server)
        return { words: 'stateServerAway', note: 'stateServerAwayNote', tone: 'wait', canReconnect: true }
      return {
        words: kinds.hub > 0 && kinds.turn + kinds.direct === 0 ? 'stateThroughServer' : 'stateConnected',
        tone: 'good',
        canReconnect: false,
      }
  }
}

const KINDS = [
  ['turn', 'linksRelayed'],
  ['direct', 'linksDirect'],
  ['hub', 'linksThroughServer'],
] as const

/** How many links there are, and of which kinds; `undefined` where there are none. */
export function linkWords({ kinds }: ConnectionView, translate: Translate): string | undefined {
  const count = kinds.direct + kinds.turn + kinds.hub
  if (count === 0) return undefined
  const each = KINDS.flatMap(([kind, words]) =>
    kinds[kind] > 0 ? translate(words, String(kinds[kind])) : [],
  )
  const list = new Intl.ListFormat(translate('localeTag'), { type: 'unit' })
  return translate('stateLinks', [String(count), list.format(each)])
}
