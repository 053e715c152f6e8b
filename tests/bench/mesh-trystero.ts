import { joinRoom } from 'trystero'
import { type Adapter, HELLO } from './mesh-adapter'
import { serve } from './mesh-page'

/** Trystero as its package comes: a full mesh, signalling over Nostr, here through one relay on this machine. */
const trystero: Adapter = {
  async prepare({ rendezvous }) {
    return (name, { onHeard, onText }) => {
      const room = joinRoom(
        { appId: 'bench', relayConfig: { urls: [`${rendezvous}/nostr`] }, rtcConfig: { iceServers: [] } },
        name,
      )
      const heard = new Set<string>()
      const { send } = room.makeAction<string>('text', {
        onMessage: (text, { peerId }) => {
          if (text !== HELLO) return onText(text)
          onHeard(heard.add(peerId).size)
        },
      })
      room.onPeerJoin = (target) => void send(HELLO, { target })
      return { say: (text) => void send(text), leave: () => room.leave() }
    }
  },
}

serve(trystero)
