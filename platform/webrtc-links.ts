import SimplePeer from 'simple-peer'
import type {
  IceTerms,
  Link,
  LinkMaker,
  PendingLink,
  Proposal,
  WRONG_FINGERPRINT,
} from '../services/mesh/link'
import { onceGone } from './once-gone'
import {
  channelOf,
  connectionOf,
  connectWithoutStats,
  isImpostor,
  isRelayed,
  onceClosed,
  onPairChange,
} from './peer-connection'
import { WebRtcLink } from './webrtc-link'

/** Candidates that are not there so long after the first are left out of the one offer or answer we send. */
const ICE_GATHERING_MS = 2_000
/** An offer or answer that is not complete after this is given up: a TURN server that says nothing. */
const DESCRIPTION_MS = 5_000
const IMPOSTOR: typeof WRONG_FINGERPRINT = 'wrong-fingerprint'

/** Makes links over `simple-peer` data channels: reliable, ordered, one offer and one answer without trickle. */
export class WebRtcLinks implements LinkMaker {
  #open = 0

  /** Connections that were made and are not closed, links and attempts alike. */
  get open(): number {
    return this.#open
  }

  offer(terms: IceTerms): PendingLink {
    return this.#pend(terms, true)
  }

  answer(terms: IceTerms, sdp: string): PendingLink {
    return this.#pend(terms, false, sdp)
  }

  #pend({ policy, iceServers }: IceTerms, initiator: boolean, offer?: string): PendingLink {
    const peer = new SimplePeer({
      initiator,
      trickle: false,
      iceCompleteTimeout: ICE_GATHERING_MS,
      // Without servers of ours simple-peer would ask public STUN servers.
      config: { iceServers, iceTransportPolicy: policy },
    })
    connectWithoutStats(peer)
    const connection = connectionOf(peer)
    if (connection) this.#count(connection)
    const pending = {
      proposal: this.#described(peer),
      opened: this.#opened(peer, connection, { isRelayOnly: policy === 'relay', initiator }),
      answered: (remote: Proposal) => this.#heard(peer, 'answer', remote.via === 'rtc' ? remote.sdp : ''),
      abandon: () => void peer.destroy(),
    }
    // Whoever abandons a link need not wait for either.
    pending.proposal.catch(() => {})
    pending.opened.catch(() => {})
    if (offer !== undefined) this.#heard(peer, 'offer', offer)
    return pending
  }

  #described(peer: SimplePeer.Instance): Promise<Proposal> {
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(() => peer.destroy(), DESCRIPTION_MS)
      peer.on('signal', (data) => {
        if ((data.type !== 'offer' && data.type !== 'answer') || data.sdp === undefined) return
        clearTimeout(deadline)
        resolve({ via: 'rtc', sdp: data.sdp })
      })
      onceGone(peer, () => {
        clearTimeout(deadline)
        reject(new Error('link closed before it was described'))
      })
    })
  }

  #opened(
    peer: SimplePeer.Instance,
    connection: RTCPeerConnection | undefined,
    { isRelayOnly, initiator }: { isRelayOnly: boolean; initiator: boolean },
  ): Promise<Link> {
    return new Promise((resolve, reject) => {
      let isImpostorThere = false
      connection?.addEventListener('connectionstatechange', () => {
        isImpostorThere ||= connection.connectionState === 'failed' && isImpostor(connection)
      })
      onceGone(peer, () =>
        reject(new Error('link closed before it opened', isImpostorThere ? { cause: IMPOSTOR } : undefined)),
      )
      peer.once('connect', async () => {
        const kind = isRelayOnly || (connection && (await isRelayed(connection))) ? 'turn' : 'direct'
        // It may have gone meanwhile.
        const channel = channelOf(peer)
        if (!channel) return void peer.destroy()
        const link: WebRtcLink = initiator
          ? new WebRtcLink(peer, channel, kind)
          : new WebRtcLink(peer, channel, kind, () => resolve(link))
        if (connection && !isRelayOnly)
          onPairChange(connection, async () => link.goes((await isRelayed(connection)) ? 'turn' : 'direct'))
        if (initiator) resolve(link)
      })
    })
  }

  #heard(peer: SimplePeer.Instance, type: 'offer' | 'answer', sdp: string): void {
    // A late description after the close must not revive the peer.
    if (peer.destroyed) return
    try {
      peer.signal({ type, sdp })
    } catch {
      peer.destroy()
    }
  }

  #count(connection: RTCPeerConnection): void {
    this.#open++
    onceClosed(connection, () => this.#open--)
  }
}
