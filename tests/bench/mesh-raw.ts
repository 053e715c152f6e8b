import { type Adapter, HELLO, type Hearing, type Joined } from './mesh-adapter'
import { connectBare } from './mesh-bare'
import { serve } from './mesh-page'

/** A full mesh of bare connections: everybody greets, and tells, each of the others. */
const raw: Adapter = {
  async prepare({ rendezvous }) {
    return (room, hearing) => join(`${rendezvous}/raw?room=${room}`, hearing)
  },
}

function join(url: string, { onHeard, onText }: Hearing): Joined {
  const channels = new Map<string, RTCDataChannel>()
  const heard = new Set<string>()
  const { leave } = connectBare(url, {
    onOpen(id, channel, isOurs) {
      channels.set(id, channel)
      if (isOurs) channel.send(HELLO)
    },
    onData(id, channel, data, isOurs) {
      if (data !== HELLO) return onText(data)
      if (!isOurs && !heard.has(id)) channel.send(HELLO)
      onHeard(heard.add(id).size)
    },
  })
  return {
    say: (text) => {
      for (const channel of channels.values()) channel.send(text)
    },
    leave,
  }
}

serve(raw)
