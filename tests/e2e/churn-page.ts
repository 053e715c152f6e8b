import { WebRtcLinks } from '../../platform/webrtc-links'
import type { IceTerms } from '../../services/mesh/link'

/** What became of the connections of a page. */
export interface Remains {
  made: number
  /** Links that opened. */
  opened: number
  /** What is not closed, as `WebRtcLinks` counts it. */
  counted: number
  /** Connections that are not closed, and those that something still holds on to. */
  unclosed: number
  held: 'few' | number
}

/** What the test gives this page before it runs. */
interface Instruments {
  /** Every connection that was made. */
  connections: WeakRef<RTCPeerConnection>[]
  /** V8's own, of `--expose-gc`. */
  gc(options: { type: 'major'; execution: 'async' }): Promise<void>
}

const LANES = 4
/** Chromium lets a page have 500 connections, and those that are closed count until they are collected. */
const COLLECT_EVERY = 50
/** V8 may keep the last few that were looked at. */
const FEW = 4
const terms: IceTerms = { policy: 'all', iceServers: [] }
const { connections, gc } = globalThis as unknown as Instruments
const collect = () => gc({ type: 'major', execution: 'async' })

/** Makes links and drops each at another moment of its life. */
async function churn(links: number): Promise<Remains> {
  const maker = new WebRtcLinks()
  let next = 0
  let opened = 0
  const lane = async () => {
    for (let turn = next++; turn < links; turn = next++) {
      if (await makeAndDrop(maker, turn % 5)) opened++
      if (turn % COLLECT_EVERY === 0) await collect()
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  const look = () => {
    const held = connections.flatMap((connection) => connection.deref() ?? [])
    const unclosed = held.filter(({ connectionState }) => connectionState !== 'closed')
    return { counted: maker.open, unclosed: unclosed.length, held: held.length }
  }
  // Deadlines of the last ones are still running.
  const end = performance.now() + 15_000
  while (look().held > FEW && performance.now() < end) {
    await new Promise((done) => setTimeout(done, 200))
    await collect()
  }
  const left = look()
  return { made: connections.length, opened, ...left, held: left.held > FEW ? left.held : 'few' }
}

/**
 * @param when 0: once it is described, 1: once it is answered, else once it is open, by the near end (2), the far one (3) or both.
 * @returns whether it opened.
 */
async function makeAndDrop(maker: WebRtcLinks, when: number): Promise<boolean> {
  const offer = maker.offer(terms)
  const proposal = await offer.proposal
  if (when === 0 || proposal.via !== 'rtc') {
    offer.abandon()
    return false
  }
  const answer = maker.answer(terms, proposal.sdp)
  offer.answered(await answer.proposal)
  if (when === 1) {
    offer.abandon()
    answer.abandon()
    return false
  }
  const [near, far] = await Promise.all([offer.opened, answer.opened])
  const gone = [near, far].map(
    (link) =>
      new Promise<void>((done) => {
        link.onClose = done
      }),
  )
  if (when !== 3) near.close()
  if (when !== 2) far.close()
  await Promise.all(gone)
  return true
}

Object.assign(globalThis, { churn })
