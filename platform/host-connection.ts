import { createBirpc } from 'birpc'
import type { HostFunctions, PanelFunctions, RoomDelta, RoomSnapshot } from '../protocol/host-port'
import { PANEL_PORT } from '../protocol/ports'
import { keepPort, type MakeRetry } from './kept-port'

interface Wiring {
  retry: MakeRetry
  ensureHost(): Promise<void>
  onSnapshot(snapshot: RoomSnapshot): void
  onDelta(delta: RoomDelta): void
  onState(state: 'connecting' | 'open'): void
  onEmotesChanged?(): void
  onFocusComposer?(): void
}

/** A panel's way to the room host. `refresh` asks for a whole snapshot again. */
export interface HostConnection extends Omit<HostFunctions, 'snapshot'> {
  refresh(): Promise<void>
  close(): void
}

/** Connects this panel straight to the room host, and again whenever the host dies, until `close`. */
export function connectToHost(wiring: Wiring): HostConnection {
  const lifetime = new AbortController()
  let host: HostFunctions | undefined
  let closeRpc = () => {}

  keepPort({
    name: PANEL_PORT,
    signal: lifetime.signal,
    retry: wiring.retry,
    ensureHost: wiring.ensureHost,
    onOpen: (port, drop) => {
      wiring.onState('connecting')
      const rpc = createBirpc<HostFunctions, PanelFunctions>(
        {
          delta: (delta) => wiring.onDelta(delta),
          emotesChanged: () => wiring.onEmotesChanged?.(),
          focusComposer: () => wiring.onFocusComposer?.(),
        },
        {
          post: (data) => port.postMessage(data),
          on: (listener) => port.onMessage.addListener(listener),
        },
      )
      host = rpc
      closeRpc = () => rpc.$close()
      void begin(rpc, drop)
    },
    onOrphaned: () => lifetime.abort(),
    onLost: () => {
      host = undefined
      closeRpc()
      wiring.onState('connecting')
    },
  })

  async function begin(rpc: HostFunctions, drop: () => void): Promise<void> {
    try {
      const snapshot = await rpc.snapshot()
      if (host !== rpc) return
      wiring.onSnapshot(snapshot)
      wiring.onState('open')
    } catch {
      // The port broke meanwhile, or the host that took it never answered.
      if (host === rpc) drop()
    }
  }

  const connected = (): HostFunctions => {
    if (!host) throw new Error('the room host is not connected')
    return host
  }
  return {
    say: async (key, text, how) => connected().say(key, text, how),
    sayAgain: async (key) => connected().sayAgain(key),
    discard: async (key) => connected().discard(key),
    older: async (id) => connected().older(id),
    search: async (text) => connected().search(text),
    writing: async (now) => connected().writing(now),
    clearHistory: async () => connected().clearHistory(),
    setLinkedOnly: async (on) => connected().setLinkedOnly(on),
    moderate: async (decision) => connected().moderate(decision),
    report: async (wish) => connected().report(wish),
    dismissReport: async (id) => connected().dismissReport(id),
    setAway: async (away) => connected().setAway(away),
    attend: async (attention, title) => connected().attend(attention, title),
    draft: async (place) => connected().draft(place),
    keepDraft: async (place, draft) => connected().keepDraft(place, draft),
    person: async (account) => connected().person(account),
    choose: async (account, name, standing) => connected().choose(account, name, standing),
    setCollapsed: async (collapsed) => connected().setCollapsed(collapsed),
    reconnectNow: async () => connected().reconnectNow(),
    about: async () => connected().about(),
    emotes: async () => connected().emotes(),
    refresh: async () => wiring.onSnapshot(await connected().snapshot()),
    close: () => lifetime.abort(),
  }
}
