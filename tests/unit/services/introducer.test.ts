import { beforeEach, describe, expect, it } from 'vitest'
import { encodeToMember, SOCKET_PING, SocketClose, type ToMember } from '../../../protocol/room-socket'
import { LONGEST_DELAY_MS } from '../../../services/backoff'
import { Introducer, type SocketEvents } from '../../../services/room/introducer'
import { pass, until, VirtualClock } from '../world/virtual-clock'

let clock: VirtualClock
let sockets: { events: SocketEvents; sent: unknown[]; closed: boolean }[]
let heard: ToMember[]
let isRefused: boolean
let introducer: Introducer

beforeEach(async () => {
  clock = new VirtualClock()
  sockets = []
  heard = []
  isRefused = false
  introducer = new Introducer({
    clock,
    random: () => 0.5,
    pass: async () => {
      if (isRefused) throw new Error('no ticket')
      return { url: 'ws://room.test', protocols: [], iceServers: [] }
    },
    openSocket: (_, events) => {
      const socket = { events, sent: [] as unknown[], closed: false }
      sockets.push(socket)
      return {
        send: (data) => socket.sent.push(data),
        close: () => {
          socket.closed = true
        },
      }
    },
    onMessage: (message) => heard.push(message),
    onOpenChange: () => {},
  })
  await until(clock, () => sockets.length === 1)
})

const last = () => {
  const socket = sockets.at(-1)
  if (!socket) throw new Error('no socket')
  return socket
}

describe('the socket to the room object', () => {
  it('is pinged while it is open, and comes back after it broke', async () => {
    last().events.onOpen()
    expect(introducer.isOpen).toBe(true)
    for (let ping = 1; ping <= 3; ping++) {
      clock.advance(20_000)
      last().events.onPong()
    }
    expect(last().sent).toEqual([SOCKET_PING, SOCKET_PING, SOCKET_PING])
    last().events.onClose(1006)
    expect(introducer.isOpen).toBe(false)
    await until(clock, () => sockets.length === 2)
  })

  it('is tried for ever, ever more slowly', async () => {
    isRefused = true
    last().events.onClose(1006)
    await pass(clock, 5 * 60_000, 500)
    expect(introducer.isFailing).toBe(true)
    isRefused = false
    await pass(clock, LONGEST_DELAY_MS, 500)
    expect(sockets).toHaveLength(2)
  })

  it('is taken for dead when its pings are not answered', async () => {
    last().events.onOpen()
    await pass(clock, 60_000, 500)
    expect(sockets[0]?.closed).toBe(true)
    await until(clock, () => sockets.length === 2)
  })

  it('is not fought for with a newer host of the same device, only asked for now and then', async () => {
    last().events.onOpen()
    last().events.onClose(SocketClose.replaced)
    expect(introducer.isOpen).toBe(false)
    await pass(clock, 59_000, 500)
    expect(sockets).toHaveLength(1)
    await pass(clock, 2_000, 500)
    expect(sockets).toHaveLength(2)
  })

  it('is tried at once when there is reason to hope', async () => {
    isRefused = true
    last().events.onClose(1006)
    await pass(clock, 60_000, 500)
    isRefused = false
    introducer.hurry()
    await pass(clock, 0)
    await until(clock, () => sockets.length === 2)
  })

  it('brings what it is told, and overlooks what it cannot read', () => {
    last().events.onOpen()
    last().events.onMessage(new Uint8Array([1, 2, 3]))
    last().events.onMessage(encodeToMember({ t: 'introduced', members: [] }))
    expect(heard).toEqual([{ t: 'introduced', members: [] }])
  })

  it('is closed for good, with nothing left behind', async () => {
    last().events.onOpen()
    introducer.close()
    expect(last().closed).toBe(true)
    last().events.onClose(1000)
    expect(clock.pending).toBe(0)
  })
})
