import { memorySdp } from './memory-links'

/** As much of an RTCDataChannel as simple-peer and our links touch. */
export class FakeChannel extends EventTarget {
  readyState = 'connecting'
  bufferedAmount = 0
  bufferedAmountLowThreshold = 0
  binaryType = ''
  label = 'channel'
  onmessage: ((event: { data: unknown }) => void) | null = null
  onopen: (() => void) | null = null
  onclose: (() => void) | null = null
  onerror: (() => void) | null = null
  onbufferedamountlow: (() => void) | null = null
  readonly sent: Uint8Array[] = []

  send(data: Uint8Array): void {
    if (this.readyState !== 'open') throw new DOMException('not open', 'InvalidStateError')
    this.sent.push(data)
    this.bufferedAmount += data.length
  }

  /** The network took this much. */
  drain(bytes: number): void {
    const before = this.bufferedAmount
    this.bufferedAmount = Math.max(0, before - bytes)
    const { bufferedAmountLowThreshold: low } = this
    if (before <= low || this.bufferedAmount > low) return
    this.onbufferedamountlow?.()
    this.dispatchEvent(new Event('bufferedamountlow'))
  }

  close(): void {
    this.readyState = 'closed'
  }
}

interface Description {
  type: string
  sdp: string
}

/** A pair of candidates of which none is a relay's. */
export const directStats = () =>
  new Map<string, object>([
    ['p', { id: 'p', type: 'candidate-pair', selected: true, localCandidateId: 'l', remoteCandidateId: 'r' }],
  ])

/** As much of an RTCPeerConnection as simple-peer and our links touch. */
export class FakeConnection extends EventTarget {
  static made: FakeConnection[] = []
  readonly config: RTCConfiguration
  channel: FakeChannel | undefined
  isClosed = false
  connectionState = 'new'
  iceConnectionState = 'new'
  iceGatheringState = 'new'
  signalingState = 'stable'
  localDescription: Description | null = null
  remoteDescription: Description | null = null
  sctp: { transport: { state: string; iceTransport?: EventTarget } } | null = null
  /** What a browser's ICE transport tells besides; not every one does. */
  iceTells: object = {}
  askedForStats = 0
  /** simple-peer waits until some pair of candidates is in use. */
  stats = directStats()
  onicecandidate: ((event: { candidate: object | null }) => void) | null = null
  oniceconnectionstatechange: (() => void) | null = null
  onconnectionstatechange: (() => void) | null = null
  onsignalingstatechange: (() => void) | null = null
  ondatachannel: ((event: { channel: FakeChannel }) => void) | null = null

  /** The pair of candidates in use goes through a relay of the other end. */
  relayed(): void {
    const reports = [
      { id: 't', type: 'transport', selectedCandidatePairId: 'p' },
      { id: 'q', type: 'candidate-pair', localCandidateId: 'l', remoteCandidateId: 'l', selected: true },
      { id: 'p', type: 'candidate-pair', localCandidateId: 'l', remoteCandidateId: 'r' },
      { id: 'l', type: 'local-candidate', candidateType: 'host' },
      { id: 'r', type: 'remote-candidate', candidateType: 'relay' },
    ]
    this.stats = new Map(reports.map((report) => [report.id, report]))
  }

  constructor(config: RTCConfiguration) {
    super()
    this.config = config
    FakeConnection.made.push(this)
    this.addEventListener('connectionstatechange', () => this.onconnectionstatechange?.())
  }

  createDataChannel(): FakeChannel {
    this.channel = new FakeChannel()
    return this.channel
  }

  createOffer = async (): Promise<Description> => ({ type: 'offer', sdp: memorySdp('offer') })
  createAnswer = async (): Promise<Description> => ({ type: 'answer', sdp: memorySdp('answer') })

  async setLocalDescription(description: Description): Promise<void> {
    this.localDescription = description
  }

  async setRemoteDescription(description: Description): Promise<void> {
    if (!description.sdp.startsWith('v=0')) throw new DOMException('no SDP', 'OperationError')
    this.remoteDescription = description
  }

  getStats = async (): Promise<Map<string, object>> => {
    this.askedForStats++
    return this.stats
  }

  close(): void {
    this.isClosed = true
    this.connectionState = 'closed'
  }

  /** Gathering is over. */
  gathered(): void {
    this.onicecandidate?.({ candidate: null })
  }

  /** ICE, DTLS and SCTP got through. */
  connect(): FakeChannel {
    if (!this.channel) {
      this.channel = new FakeChannel()
      this.ondatachannel?.({ channel: this.channel })
    }
    this.sctp = {
      transport: { state: 'connected', iceTransport: Object.assign(new EventTarget(), this.iceTells) },
    }
    this.channel.readyState = 'open'
    this.channel.onopen?.()
    this.iceConnectionState = 'connected'
    this.oniceconnectionstatechange?.()
    return this.channel
  }

  fail(dtls: string, ice: string): void {
    this.sctp = { transport: { state: dtls } }
    this.iceConnectionState = ice
    this.connectionState = 'failed'
    this.dispatchEvent(new Event('connectionstatechange'))
  }
}

class FakeDescription {
  readonly type: string
  readonly sdp: string

  constructor({ type, sdp }: Description) {
    this.type = type
    this.sdp = sdp
  }
}

/** Puts these in the browser's place. simple-peer takes its classes when it is imported: import it afterwards. */
export function fakeWebRtc(): void {
  Object.assign(globalThis, {
    RTCPeerConnection: FakeConnection,
    RTCDataChannel: FakeChannel,
    RTCSessionDescription: FakeDescription,
    RTCIceCandidate: class {},
  })
}
