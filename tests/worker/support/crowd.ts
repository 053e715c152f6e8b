import { env } from 'cloudflare:workers'
import { accountIdSchema, type DeviceId, deviceIdOf } from '../../../protocol/device'
import { TICKET_LIFETIME_MS } from '../../../protocol/limits'
import { roomIdSchema } from '../../../protocol/room-id'
import type { Introduction } from '../../../protocol/room-socket'
import { networkBucket } from '../../../worker/network'
import { type SocketTicket, TICKET_HEADER } from '../../../worker/ports'
import { randomId } from '../../../worker/random'
import { introduce, type MemberSocket, memberSocket } from './socket'
import { ORIGIN } from './worker'

export interface Newcomer {
  device: DeviceId
  socket: MemberSocket
  /** Whom the welcome named. */
  welcomed: Introduction[]
}

/**
 * Somebody new from `address`, with what the Worker tells the room object of a ticket: signing hundreds of people in
 * takes long, and the object sees no difference. Rejects with the problem where it refuses.
 */
export async function joinFrom(address: string, room: string, device = newDevice()): Promise<Newcomer> {
  const asked = new Request(ORIGIN, { headers: { 'CF-Connecting-IP': address } })
  const ticket: SocketTicket = {
    room: roomIdSchema.parse(room),
    account: accountIdSchema.parse(`${device.slice(0, 21)}A`),
    device,
    bucket: await networkBucket(env.PEPPER, asked, roomIdSchema.parse(room)),
    ver: 1,
    linked: false,
    jti: randomId(16),
    expiresAt: Date.now() + TICKET_LIFETIME_MS,
  }
  const headers = { Upgrade: 'websocket', [TICKET_HEADER]: JSON.stringify(ticket) }
  const socket = await memberSocket(await env.ROOMS.getByName(room).fetch(ORIGIN, { headers }))
  return { device, socket, welcomed: await introductionsIn(socket) }
}

const newDevice = () => deviceIdOf(crypto.getRandomValues(new Uint8Array(32)))

/** As many from `address`. */
export const crowdFrom = (address: string, room: string, count: number): Promise<Newcomer[]> =>
  Promise.all(Array.from({ length: count }, () => joinFrom(address, room)))

/** Has the room name members again. */
export async function askedAgain({ socket }: Newcomer): Promise<Introduction[]> {
  socket.socket.send(introduce)
  return introductionsIn(socket)
}

export async function leave({ socket }: Newcomer): Promise<void> {
  socket.socket.close(1000, 'bye')
  await socket.closed
}

async function introductionsIn(socket: MemberSocket): Promise<Introduction[]> {
  const message = await socket.next()
  if (message.t !== 'welcome' && message.t !== 'introduced') throw new Error(`a ${message.t}`)
  return message.members
}
