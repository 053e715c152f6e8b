import { WebRtcLinks } from '../../platform/webrtc-links'
import type { IceTerms } from '../../services/mesh/link'
import { Registrar } from '../unit/world/registrar'
import { MOMENT_COUNT, RevolvingRoom, until } from './churn-rooms'

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
  return { made: connections.length, opened, ...(await remains(maker)) }
}

/** What the connections are that something still holds on to. */
function look(maker: WebRtcLinks) {
  const held = connections.flatMap((connection) => connection.deref() ?? [])
  const unclosed = held.filter(({ connectionState }) => connectionState !== 'closed')
  return { counted: maker.open, unclosed: unclosed.length, held: held.length }
}

/** What is left once the deadlines of the last ones are over. */
async function remains(maker: WebRtcLinks): Promise<Omit<Remains, 'made' | 'opened'>> {
  const end = performance.now() + 15_000
  while (look(maker).held > FEW && performance.now() < end) {
    await new Promise((done) => setTimeout(done, 200))
    await collect()
  }
  const left = look(maker)
  return { ...left, held: left.held > FEW ? left.held : 'few' }
}

/** What became of rooms in which viewers came and went. */
export interface Turnover {
  /** Of the moments at which somebody was to leave, how many times each came. */
  moments: number[]
  /** Whenever the rooms had come to rest: links between browsers by their ends, and connections that are not closed. */
  rests: { ends: number; counted: number; unclosed: number }[]
  /** At the end. Chromium holds on to some that were closed while they made an answer. */
  left: { counted: number; unclosed: number }
}

/** Has viewers join and leave rooms `turns` times through the whole mesh, and comes to rest now and then. */
async function turnOver(turns: number, rests: number): Promise<Turnover> {
  const maker = new WebRtcLinks()
  const registrar = await Registrar.open()
  const rooms = Array.from({ length: LANES }, () => new RevolvingRoom(registrar, maker))
  const result: Omit<Turnover, 'left'> = { moments: Array(MOMENT_COUNT).fill(0), rests: [] }
  let next = 0
  for (let rest = 1; rest <= rests; rest++) {
    const lane = async (room: RevolvingRoom) => {
      for (let turn = next++; turn < (turns * rest) / rests; turn = next++) {
        const moment = turn % MOMENT_COUNT
        if (await room.turn(turn)) result.moments[moment] = (result.moments[moment] ?? 0) + 1
        if (turn % COLLECT_EVERY === 0) await collect()
      }
      await room.fill()
    }
    await Promise.all(rooms.map(lane))
    next = (turns * rest) / rests
    const ends = () => rooms.reduce((sum, room) => sum + room.ends, 0)
    await until(() => rooms.every(({ isWhole }) => isWhole) && look(maker).unclosed === ends(), 15_000)
    const { counted, unclosed } = look(maker)
    result.rests.push({ ends: ends(), counted, unclosed })
  }
  for (const room of rooms) room.empty()
  await until(() => look(maker).unclosed === 0)
  const { counted, unclosed } = look(maker)
  return { ...result, left: { counted, unclosed } }
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

Object.assign(globalThis, { churn, turnOver })
