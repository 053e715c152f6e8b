import { createBirpc } from 'birpc'
import browser from 'webextension-polyfill'
import type { HostFunctions, PanelFunctions, RoomDelta, RoomSnapshot } from '../protocol/host-port'
import { PANEL_PORT } from '../protocol/ports'

/** Between tries to reach a host that died: it is back within a few hundred ms. */
const RETRY_MS = 250

interface Wiring {
  ensureHost(): Promise<void>
  onSnapshot(snapshot: RoomSnapshot): void
  onDelta(delta: RoomDelta): void
  onState(state: 'connecting' | 'open'): void
}

/** A panel's way to the room host. `refresh` asks for a whole snapshot again. */
export interface HostConnection extends Omit<HostFunctions, 'snapshot'> {
  refresh(): Promise<void>
  close(): void
}

/** Connects this panel straight to the room host, and again whenever the host dies, until `close`. */
export function connectToHost(wiring: Wiring): HostConnection {
  let closed = false
  let disconnect = () => {}
  let host: HostFunctions | undefined

  async function connect(): Promise<void> {
    wiring.onState('connecting')
    // While the background cannot start, a host that lives still answers.
    void wiring.ensureHost().catch(() => {})
    const port = browser.runtime.connect({ name: PANEL_PORT })
    const rpc = createBirpc<HostFunctions, PanelFunctions>(
      { delta: (delta) => wiring.onDelta(delta) },
      {
        post: (data) => port.postMessage(data),
        on: (listener) => port.onMessage.addListener(listener),
      },
    )
    disconnect = () => port.disconnect()
    let isLost = false
    const lost = () => {
      if (isLost) return
      isLost = true
      rpc.$close()
      if (host === rpc) host = undefined
      if (!closed) setTimeout(() => void connect(), RETRY_MS)
    }
    port.onDisconnect.addListener(lost)
    const snapshot = await rpc.snapshot().catch(() => undefined)
    if (closed) return
    if (!snapshot) {
      // Nobody is told of a disconnect of its own making.
      port.disconnect()
      return lost()
    }
    host = rpc
    wiring.onSnapshot(snapshot)
    wiring.onState('open')
  }

  const connected = (): HostFunctions => {
    if (!host) throw new Error('the room host is not connected')
    return host
  }

  void connect()
  return {
    say: async (text) => connected().say(text),
    setCollapsed: async (collapsed) => connected().setCollapsed(collapsed),
    reconnectNow: async () => connected().reconnectNow(),
    refresh: async () => wiring.onSnapshot(await connected().snapshot()),
    close: () => {
      closed = true
      disconnect()
    },
  }
}
