import { type Adapter, HELLO, type Hearing, type Joined } from './mesh-adapter'
import { connectBare } from './mesh-bare'
import { serve } from './mesh-page'

/**
 * What any overlay of five links a peer costs at least: as many bare connections, to whom the rendezvous picked by chance, and
 * everything flooded over all of them. Nothing is signed or checked, nobody signs in, no link is ever mended or replaced.
 */
const sparse: Adapter = {
  async prepare({ rendezvous }) {
    return (room, hearing) => join(`${rendezvous}/sparse?room=${room}`, hearing)
  },
}

const greeting = (id: string) => `${HELLO}|${id}`

function join(url: string, { onHeard, onText }: Hearing): Joined {
  const channels = new Set<RTCDataChannel>()
  const known = new Set<string>()
  let greetings = 0
  const tellAll = (data: string, except?: RTCDataChannel) => {
    for (const channel of channels) if (channel !== except) channel.send(data)
  }
  const greet = (channel: RTCDataChannel) => {
    channels.add(channel)
    for (const data of known) if (data.startsWith(HELLO)) channel.send(data)
  }
  const { leave } = connectBare(url, {
    onWelcome: (own) => known.add(greeting(own)),
    onOpen(_, channel, isOurs) {
      if (isOurs) greet(channel)
    },
    onData(_, channel, data, isOurs) {
      if (!isOurs && !channels.has(channel)) greet(channel)
      if (known.has(data)) return
      known.add(data)
      tellAll(data, channel)
      if (data.startsWith(HELLO)) onHeard(++greetings)
      else onText(data)
    },
  })
  return {
    say: (text) => {
      known.add(text)
      tellAll(text)
    },
    leave,
  }
}

serve(sparse)
