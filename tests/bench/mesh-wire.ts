/** What went over the wires of a page so far. */
export interface Wire {
  /** Connections that were constructed, and those of them that are connected. */
  made: number
  connected: number
  /** Bytes that ICE transports sent (DTLS and above, without IP and UDP), closed connections included. */
  rtc: number
  /** Bytes of messages over WebSockets, both ways, without frames' heads. */
  socket: number
}

/** What every page of the bench has, before anything else runs in it. */
export interface Wiretap {
  wire(): Promise<Wire>
  made(): number
}

const Native = globalThis.RTCPeerConnection
const NativeSocket = globalThis.WebSocket
const alive = new Set<RTCPeerConnection>()
let made = 0
let closedBytes = 0
let socketBytes = 0

class TappedConnection extends Native {
  constructor(configuration?: RTCConfiguration) {
    super(configuration)
    made++
    alive.add(this)
  }

  /** A closed connection tells no figures: they are asked for just before. */
  override close(): void {
    if (alive.delete(this))
      void sentBytes(this).then((bytes) => {
        closedBytes += bytes
      })
    super.close()
  }
}

class TappedSocket extends NativeSocket {
  constructor(url: string | URL, protocols?: string | string[]) {
    super(url, protocols)
    this.addEventListener('message', ({ data }) => {
      socketBytes += sizeOf(data)
    })
  }

  override send(data: string | Blob | BufferSource): void {
    socketBytes += sizeOf(data)
    super.send(data)
  }
}

function sizeOf(data: unknown): number {
  if (typeof data === 'string') return new TextEncoder().encode(data).length
  if (data instanceof Blob) return data.size
  return data instanceof ArrayBuffer || ArrayBuffer.isView(data) ? data.byteLength : 0
}

async function sentBytes(connection: RTCPeerConnection): Promise<number> {
  const stats = await connection.getStats().catch(() => undefined)
  let bytes = 0
  stats?.forEach(({ type, bytesSent }: { type: string; bytesSent?: number }) => {
    if (type === 'transport') bytes += bytesSent ?? 0
  })
  return bytes
}

const wiretap: Wiretap = {
  made: () => made,
  async wire() {
    const open = [...alive].filter(({ connectionState }) => connectionState !== 'closed')
    const bytes = await Promise.all(open.map(sentBytes))
    return {
      made,
      connected: open.filter(({ connectionState }) => connectionState === 'connected').length,
      rtc: bytes.reduce((sum, each) => sum + each, closedBytes),
      socket: socketBytes,
    }
  },
}

Object.assign(globalThis, { RTCPeerConnection: TappedConnection, WebSocket: TappedSocket, wiretap })
