import { deviceIdSchema } from '../../protocol/device'
import { channelRoom } from '../../protocol/room-id'
import { encodeFromMember } from '../../protocol/room-socket'
import { Signalling } from '../../services/mesh/signalling'
import { type FrameKind, type Means, makeFrames } from './flood-frames'
import { FloodMember } from './flood-member'

/** `room`: signals and hub frames by the room object. The others go over the links; `patient`: what is excused, but slowly. */
export type FloodKind = FrameKind | 'room' | 'patient'

export interface FloodOptions {
  kind: FloodKind
  perSecond: number
  seconds: number
  /** Device ids of those who are flooded. */
  victims: readonly string[]
}

/** What became of a flood. */
export interface FloodFigures {
  /** Frames for which it was time. */
  due: number
  /** How long they took (s). */
  took: number
  /** Those that a link took, or the room's socket. */
  sent: number
  /** How often a link was there that had not been. */
  relinked: number
}

/** What this page does for the bench. */
export interface Flooder {
  signIn(origin: string, email: string): Promise<number>
  enter(member: number, login: string): Promise<void>
  links(member: number): number
  prepare(member: number, options: FloodOptions): Promise<void>
  flood(member: number, options: FloodOptions): Promise<FloodFigures>
  leave(member: number): Promise<void>
}

/** What the bench gives this page. */
interface Given {
  codeFor(email: string): Promise<string>
}

/** Frames that are made in advance; then they begin anew. */
const PREPARED = 6_000
const PREPARED_PARCELS = 600
/** More than this waits in no channel: a browser that overflows closes it. */
const MOST_WAITING = 2_000_000
const TICK_MS = 4
const RETRY_MS = 300

const members: FloodMember[] = []
const prepared = new Map<number, Uint8Array<ArrayBuffer>[]>()
/** Channels as the browser has them: what sends over them here paces nothing. */
const channels = new Set<RTCDataChannel>()
const send = RTCDataChannel.prototype.send
RTCDataChannel.prototype.send = function (this: RTCDataChannel, data: ArrayBufferView<ArrayBuffer>) {
  channels.add(this)
  return send.call(this, data)
} as RTCDataChannel['send']

const open = () => [...channels].filter(({ readyState }) => readyState === 'open')

function memberAt(index: number): FloodMember {
  const member = members[index]
  if (!member) throw new Error('no such member')
  return member
}

async function makeAll(member: FloodMember, { kind, ...options }: FloodOptions) {
  const victims = options.victims.map((device) => deviceIdSchema.parse(device))
  const { session, room } = member
  const signer = await member.signer()
  const means: Means = {
    room,
    signer,
    passport: member.passport,
    now: () => member.now,
    known: session.log.all.map(({ signed }) => signed),
    victims,
  }
  if (kind !== 'room') return makeFrames(kind === 'patient' ? 'excusable' : kind, PREPARED, means)
  const signalling = new Signalling({
    room,
    signer,
    opener: await member.opener(),
    clock: { now: () => member.now, after: () => () => {} },
    passport: () => member.passport,
    verifyPassport: () => Promise.reject(new Error('asks nobody')),
  })
  const offer = { type: 'offer', urgent: true, via: 'hub', direct: true } as const
  const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))
  const parcels = Array.from({ length: PREPARED_PARCELS }, async (_, number) => {
    const to = victims[number % victims.length] ?? session.me
    // Sealed for no session that there is.
    if (number % 2) return encodeFromMember({ t: 'hub', to, data: random(1_000) })
    const data = await signalling.make(to, random(16), { ...offer, key: random(32) })
    return encodeFromMember({ t: 'signal', to, data })
  })
  return Promise.all(parcels)
}

const flooder: Flooder = {
  async signIn(origin, email) {
    const { codeFor } = globalThis as unknown as Given
    members.push(await FloodMember.signIn(origin, email, codeFor))
    return members.length - 1
  },
  enter: (index, login) => memberAt(index).enter(channelRoom(login)),
  links: (index) => memberAt(index).session.linkCount,
  async prepare(index, options) {
    prepared.set(index, await makeAll(memberAt(index), options))
  },
  async flood(index, { kind, perSecond, seconds }) {
    const member = memberAt(index)
    const frames = prepared.get(index) ?? []
    const figures: FloodFigures = { due: 0, took: 0, sent: 0, relinked: 0 }
    const seen = new Set(open())
    member.turn()
    const began = performance.now()
    let retriedAt = began
    const total = perSecond * seconds
    while (figures.due < total) {
      const now = performance.now()
      const ready = open()
      for (const channel of ready) {
        if (!seen.has(channel)) figures.relinked++
        seen.add(channel)
      }
      const due = Math.min(total, Math.floor(((now - began) / 1_000) * perSecond))
      for (; figures.due < due; figures.due++) {
        const frame = frames[figures.due % frames.length]
        const channel = ready[figures.due % ready.length]
        if (!frame) continue
        if (kind === 'room') member.tellRoom(frame)
        else if (channel?.readyState !== 'open' || channel.bufferedAmount > MOST_WAITING) continue
        else send.call(channel, frame)
        figures.sent++
      }
      // Whatever was lost is tried again at once.
      if (now - retriedAt > RETRY_MS) {
        retriedAt = now
        member.session.probe()
      }
      await new Promise((done) => setTimeout(done, TICK_MS))
    }
    return { ...figures, took: (performance.now() - began) / 1_000 }
  },
  async leave(index) {
    await memberAt(index).leave()
    channels.clear()
  },
}

Object.assign(globalThis, { flooder })
