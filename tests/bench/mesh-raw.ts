import { type Adapter, HELLO, type Hearing, type Joined } from './mesh-adapter'
import { serve } from './mesh-page'

/** What goes through the rendezvous; `welcome`: the newcomer's own id, and who is there. */
interface Note {
  from?: string
  to?: string
  welcome?: string
  peers?: string[]
  candidate?: RTCIceCandidateInit
  description?: RTCSessionDescriptionInit
}

/** A connection that waits for its description before it takes candidates. */
interface Peer {
  connection: RTCPeerConnection
  early: RTCIceCandidateInit[]
}

/** The floor: a full mesh of bare connections with trickled candidates, nothing signed, nothing checked. */
const raw: Adapter = {
  async prepare({ rendezvous }) {
    return (room, hearing) => join(`${rendezvous}/raw?room=${room}`, hearing)
  },
}

function join(url: string, { onHeard, onText }: Hearing): Joined {
  const socket = new WebSocket(url)
  const peers = new Map<string, Peer>()
  const channels = new Map<string, RTCDataChannel>()
  const heard = new Set<string>()
  const send = (to: string, note: Note) => socket.send(JSON.stringify({ to, ...note }))

  const open = (id: string, channel: RTCDataChannel, isOurs: boolean) => {
    channel.onmessage = ({ data }) => {
      if (data !== HELLO) return onText(data)
      if (!isOurs && !heard.has(id)) channel.send(HELLO)
      onHeard(heard.add(id).size)
    }
    const begin = () => {
      channels.set(id, channel)
      // Its end speaks first: Chromium drops what reaches whoever made a channel before it has told that it is open.
      if (isOurs) channel.send(HELLO)
    }
    if (channel.readyState === 'open') begin()
    else channel.onopen = begin
  }
  const peerOf = (id: string): Peer => {
    const known = peers.get(id)
    if (known) return known
    const connection = new RTCPeerConnection({ iceServers: [] })
    const peer = { connection, early: [] }
    peers.set(id, peer)
    connection.onicecandidate = ({ candidate }) => candidate && send(id, { candidate })
    connection.ondatachannel = ({ channel }) => open(id, channel, false)
    return peer
  }
  const describe = async (id: string, { connection }: Peer) => {
    await connection.setLocalDescription()
    const { localDescription } = connection
    if (localDescription) send(id, { description: localDescription })
  }
  const take = async ({ from = '', welcome, peers: there = [], candidate, description }: Note) => {
    if (welcome !== undefined) {
      for (const id of there) {
        const peer = peerOf(id)
        open(id, peer.connection.createDataChannel('raw'), true)
        void describe(id, peer)
      }
      return
    }
    const peer = peerOf(from)
    if (candidate && !peer.connection.remoteDescription) peer.early.push(candidate)
    else if (candidate) await peer.connection.addIceCandidate(candidate)
    if (!description) return
    await peer.connection.setRemoteDescription(description)
    for (const early of peer.early.splice(0)) void peer.connection.addIceCandidate(early)
    if (description.type === 'offer') await describe(from, peer)
  }
  socket.onmessage = ({ data }) => void take(JSON.parse(data) as Note)
  return {
    say: (text) => {
      for (const channel of channels.values()) channel.send(text)
    },
    leave: async () => {
      socket.close()
      for (const { connection } of peers.values()) connection.close()
    },
  }
}

serve(raw)
