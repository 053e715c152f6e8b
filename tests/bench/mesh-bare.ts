import type { Joined } from './mesh-adapter'

/** What goes through the rendezvous; `welcome`: the newcomer's own id, and whom it is to connect with. */
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

/** What is said over bare connections. `own`: this peer's id, once the rendezvous has told it. */
export interface Talkers {
  /** A channel may be used. The end that `isOurs` speaks first: Chromium drops what reaches whoever made a channel before it has told that it is open. */
  onOpen(id: string, channel: RTCDataChannel, isOurs: boolean): void
  onData(id: string, channel: RTCDataChannel, data: string, isOurs: boolean): void
  onWelcome?(own: string): void
}

/** Bare connections with trickled candidates to whomever the rendezvous at `url` names: nothing signed, nothing checked. */
export function connectBare(url: string, talkers: Talkers): Pick<Joined, 'leave'> {
  const socket = new WebSocket(url)
  const peers = new Map<string, Peer>()
  const send = (to: string, note: Note) => socket.send(JSON.stringify({ to, ...note }))

  const open = (id: string, channel: RTCDataChannel, isOurs: boolean) => {
    channel.onmessage = ({ data }) => talkers.onData(id, channel, String(data), isOurs)
    if (channel.readyState === 'open') talkers.onOpen(id, channel, isOurs)
    else channel.onopen = () => talkers.onOpen(id, channel, isOurs)
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
  const take = async ({ from = '', welcome, peers: named = [], candidate, description }: Note) => {
    if (welcome !== undefined) {
      talkers.onWelcome?.(welcome)
      for (const id of named) {
        const peer = peerOf(id)
        open(id, peer.connection.createDataChannel('bare'), true)
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
    leave: async () => {
      socket.close()
      for (const { connection } of peers.values()) connection.close()
    },
  }
}
