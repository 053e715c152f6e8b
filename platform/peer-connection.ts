import type SimplePeer from 'simple-peer'

/** What simple-peer keeps to itself and we need; nothing is assumed of it that is not looked at. */
function inner(peer: SimplePeer.Instance, name: '_pc' | '_channel'): unknown {
  return Reflect.get(peer, name)
}

/** The connection under a peer, while it has one. */
export function connectionOf(peer: SimplePeer.Instance): RTCPeerConnection | undefined {
  const connection = inner(peer, '_pc')
  return connection instanceof RTCPeerConnection ? connection : undefined
}

/** The data channel under a peer, while it has one. */
export function channelOf(peer: SimplePeer.Instance): RTCDataChannel | undefined {
  const channel = inner(peer, '_channel')
  return channel instanceof RTCDataChannel ? channel : undefined
}

/**
 * Spares a peer the statistics that simple-peer asks for before it tells of a connection: collecting them costs more than
 * sending a message, and whoever has an open channel has a pair of candidates.
 */
export function connectWithoutStats(peer: SimplePeer.Instance): void {
  const pair = { type: 'candidate-pair', id: 'open', selected: true }
  Reflect.set(peer, 'getStats', (done: (error: null, reports: unknown[]) => void) => done(null, [pair]))
}

/** Calls `listener` once, when `connection` is closed from this end: of that a connection tells nobody itself. */
export function onceClosed(connection: RTCPeerConnection, listener: () => void): void {
  const close = connection.close.bind(connection)
  let isClosed = false
  connection.close = () => {
    close()
    if (!isClosed) listener()
    isClosed = true
  }
}

/** Whether ICE got through and what it found there had another certificate than the one that was signed. */
export function isImpostor(connection: RTCPeerConnection): boolean {
  return connection.sctp?.transport.state === 'failed' && connection.iceConnectionState !== 'failed'
}

/** ICE goes on to look for better pairs for so long after the first one works; browsers without the event are asked then (ms). */
const SETTLED_AFTER_MS = [1_000, 5_000, 15_000] as const

/** Calls `listener` when the pair of candidates in use may have changed, until `connection` is closed. */
export function onPairChange(connection: RTCPeerConnection, listener: () => void): void {
  const transport = connection.sctp?.transport.iceTransport
  transport?.addEventListener('selectedcandidatepairchange', listener)
  if (transport && tellsPair(transport)) return
  const timers = SETTLED_AFTER_MS.map((delay) => setTimeout(listener, delay))
  onceClosed(connection, () => timers.forEach(clearTimeout))
}

/** Whether it tells at once which pair is in use, and of each change; not every browser's does. */
const tellsPair = (transport: RTCIceTransport): boolean =>
  typeof transport.getSelectedCandidatePair === 'function' && 'onselectedcandidatepairchange' in transport

/** Whether the pair of candidates in use goes through a TURN server. Unsure is no. */
export async function isRelayed(connection: RTCPeerConnection): Promise<boolean> {
  const transport = connection.sctp?.transport.iceTransport
  const known = transport && tellsPair(transport) ? transport.getSelectedCandidatePair() : undefined
  if (known?.local.type && known.remote.type) return [known.local.type, known.remote.type].includes('relay')
  try {
    const stats = await connection.getStats()
    const reports = new Map<string, Record<string, unknown>>()
    stats.forEach((report: Record<string, unknown>, id: string) => {
      reports.set(id, report)
    })
    const pairs = [...reports.values()].filter(({ type }) => type === 'candidate-pair')
    const transport = [...reports.values()].find(({ type }) => type === 'transport')
    const pair =
      pairs.find(({ id }) => id === transport?.selectedCandidatePairId) ??
      pairs.find(({ selected }) => selected === true)
    return [pair?.localCandidateId, pair?.remoteCandidateId].some(
      (id) => typeof id === 'string' && reports.get(id)?.candidateType === 'relay',
    )
  } catch {
    return false
  }
}
