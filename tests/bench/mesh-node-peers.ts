import * as polyfill from 'node-datachannel/polyfill'
import type { PeerPage } from './mesh-page'
import type { BenchPeer } from './mesh-peer'
import type { Wiretap } from './mesh-wire'

/** What the bench asks of a process that holds peers: something of peer `index`, of all that the process counts, or a code. */
export type Order = { id: number } & (
  | { peer: number; call: keyof PeerPage; args: unknown[] }
  | { call: 'made' | 'wire' }
)
/** `codeFor`: this process asks for the code that was mailed there. */
export type Report = { id: number; value?: unknown; error?: string } | { codeFor: string }
/** The code that was asked for. */
export interface Mailed {
  email: string
  code: string
}

/** The library says that it gathered all candidates before it has told them (ms). */
const LAST_CANDIDATE_MS = 10

/** As simple-peer needs it: it writes to descriptions, which are frozen here, and waits for the end of candidates. */
class Connection extends polyfill.RTCPeerConnection {
  constructor(configuration?: RTCConfiguration) {
    super(configuration)
    this.addEventListener('icegatheringstatechange', () => {
      const end = () => this.dispatchEvent(Object.assign(new Event('icecandidate'), { candidate: null }))
      if (this.iceGatheringState === 'complete') setTimeout(end, LAST_CANDIDATE_MS)
    })
  }

  override createOffer() {
    return plain(super.createOffer())
  }
  override createAnswer() {
    return plain(super.createAnswer())
  }
}

async function plain(made: Promise<RTCSessionDescriptionInit>): Promise<RTCSessionDescriptionInit> {
  const { type, sdp } = await made
  return sdp === undefined ? { type } : { type, sdp }
}

const { RTCSessionDescription, RTCIceCandidate, RTCDataChannel } = polyfill
Object.assign(globalThis, {
  RTCPeerConnection: Connection,
  RTCSessionDescription,
  RTCIceCandidate,
  RTCDataChannel,
})
/** Dials that fail inside of the library are failed dials, which the mesh makes up for, not the end of everybody here. */
const faults = new Map<string, number>()
const fault = (error: unknown) => {
  const what = String(error).slice(0, 120)
  faults.set(what, (faults.get(what) ?? 0) + 1)
}
process.on('uncaughtException', fault)
process.on('unhandledRejection', fault)

// Whatever uses connections looks for them when it is loaded.
await import('./mesh-wire')
const { BenchPeer: Peer } = await import('./mesh-peer')
const { sidestream } = await import('./mesh-member')
const { wiretap } = globalThis as unknown as { wiretap: Wiretap }

const peers = new Map<number, BenchPeer>()
const codes = new Map<string, (code: string) => void>()

const tell = (report: Report) => process.send?.(report)

function codeFor(email: string): Promise<string> {
  return new Promise((resolve) => {
    codes.set(email, resolve)
    tell({ codeFor: email })
  })
}

function peerAt(index: number): BenchPeer {
  const peer = peers.get(index) ?? new Peer(sidestream)
  peers.set(index, peer)
  return peer
}

async function carryOut(order: Order): Promise<unknown> {
  if (!('peer' in order)) return order.call === 'made' ? wiretap.made() : wiretap.wire()
  const peer = peerAt(order.peer)
  const [first] = order.args as [never]
  if (order.call === 'prepare') return peer.prepare({ ...(first as object), codeFor } as never)
  return peer[order.call](first)
}

process.on('message', async (message: Order | Mailed) => {
  if ('email' in message) return codes.get(message.email)?.(message.code)
  try {
    tell({ id: message.id, value: await carryOut(message) })
  } catch (error) {
    tell({ id: message.id, error: String(error) })
  }
})
process.on('disconnect', () => {
  for (const [what, times] of faults) console.error(`${times} x ${what}`)
  process.exit()
})
