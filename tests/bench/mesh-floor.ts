import { now } from './mesh-peer'

/** What one connection between two tabs takes here and now (ms): until it is open, and one way once it is. */
export interface Floor {
  setups: number[]
  hops: number[]
}

/** What either of two pages does to measure that. */
export interface FloorPage {
  answer(): void
  measure(setups: number, hops: number): Promise<Floor>
}

interface Note {
  from: 'caller' | 'callee'
  number: number
  candidate?: RTCIceCandidateInit
  description?: RTCSessionDescriptionInit
}

const HOP_BYTES = 200
const HOP_EVERY_MS = 5
const pause = (ms: number) => new Promise((done) => setTimeout(done, ms))

/** Signalling that costs next to nothing: both are tabs of one browser. */
const air = new BroadcastChannel('floor')
const connections = new Map<number, RTCPeerConnection>()

function connectionOf(number: number, from: Note['from']): RTCPeerConnection {
  const known = connections.get(number)
  if (known) return known
  const connection = new RTCPeerConnection({ iceServers: [] })
  connections.set(number, connection)
  connection.onicecandidate = ({ candidate }) => {
    if (candidate) put({ from, number, candidate: candidate.toJSON() })
  }
  return connection
}

const put = (note: Note) => air.postMessage(note)

async function describe(number: number, from: Note['from']): Promise<void> {
  const connection = connectionOf(number, from)
  await connection.setLocalDescription()
  const { type, sdp } = connection.localDescription ?? { type: 'offer' }
  put({ from, number, description: sdp === undefined ? { type } : { type, sdp } })
}

function listen(from: Note['from'], onConnection = (_: RTCPeerConnection) => {}): void {
  const early = new Map<number, RTCIceCandidateInit[]>()
  air.onmessage = async ({ data }: MessageEvent<Note>) => {
    if (data.from === from) return
    const { number, candidate, description } = data
    const isNew = !connections.has(number)
    const connection = connectionOf(number, from)
    if (isNew) onConnection(connection)
    if (candidate && connection.remoteDescription) await connection.addIceCandidate(candidate)
    else if (candidate) early.set(number, [...(early.get(number) ?? []), candidate])
    if (!description) return
    await connection.setRemoteDescription(description)
    if (description.type === 'offer') await describe(number, from)
    for (const each of early.get(number) ?? []) await connection.addIceCandidate(each)
    early.delete(number)
  }
}

const floor: FloorPage = {
  answer() {
    listen('callee', (connection) => {
      connection.ondatachannel = ({ channel }) => {
        // What comes back tells how long it took here: the clock is the same.
        channel.onmessage = ({ data }) => channel.send(String(now() - Number(String(data).split('|')[0])))
      }
    })
  },
  async measure(setups, hops) {
    const figures: Floor = { setups: [], hops: [] }
    listen('caller')
    for (let number = 0; number < setups; number++) {
      const began = now()
      const connection = connectionOf(number, 'caller')
      const channel = connection.createDataChannel('floor')
      const opened = new Promise((done) => {
        channel.onopen = done
      })
      await describe(number, 'caller')
      await opened
      figures.setups.push(now() - began)
      for (let hop = 0; number === setups - 1 && hop < hops; hop++) {
        await pause(HOP_EVERY_MS)
        const answer = new Promise<number>((done) => {
          channel.onmessage = ({ data }) => done(Number(data))
        })
        channel.send(`${now()}|`.padEnd(HOP_BYTES, 'x'))
        figures.hops.push(await answer)
      }
      connection.close()
    }
    return figures
  },
}

Object.assign(globalThis, { floor })
