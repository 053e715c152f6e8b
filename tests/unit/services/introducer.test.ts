import { beforeEach, describe, expect, it } from 'vitest'
import { termsIn } from '../../../protocol/consent'
import {
  decodeFromMember,
  encodeToMember,
  SOCKET_PING,
  SocketClose,
  type ToMember,
} from '../../../protocol/room-socket'
import { LONGEST_DELAY_MS } from '../../../services/backoff'
import { Introducer, type SocketEvents } from '../../../services/room/introducer'
import { pass, SkewedClock, until, VirtualClock } from '../world/virtual-clock'

let clock: VirtualClock
/** The machine's own, corrected by each welcome. */
let machine: SkewedClock
let sockets: { events: SocketEvents; protocols: readonly string[]; sent: unknown[]; closed: boolean }[]
let heard: ToMember[]
let isRefused: boolean
/** Tries to get a pass; it comes when `letPass` is called, if `isSlow`. */
let tries: number
let isSlow: boolean
let letPass: () => void
/** Whether the viewer agrees to direct links. */
let agrees: boolean
let introducer: Introducer
let refusals: number

const SIG = new Uint8Array(64).fill(5)
const SEAL = new Uint8Array(32).fill(6)

beforeEach(async () => {
  clock = new VirtualClock()
  machine = new SkewedClock(clock, 0)
  sockets = []
  heard = []
  isRefused = false
  tries = 0
  isSlow = false
  agrees = false
  refusals = 0
  introducer = new Introducer({
    terms: async () => ({ direct: agrees, ms: clock.now(), seal: SEAL, sig: SIG }),
    clock: machine,
    random: () => 0.5,
    pass: async () => {
      tries++
      if (isSlow)
        await new Promise<void>((resolve) => {
          letPass = resolve
        })
      if (isRefused) throw new Error('no ticket')
      return { url: 'ws://room.test', protocols: [] }
    },
    openSocket: ({ protocols }, events) => {
      const socket = { events, protocols, sent: [] as unknown[], closed: false }
      sockets.push(socket)
      return {
        send: (data) => socket.sent.push(data),
        close: () => {
          socket.closed = true
        },
      }
    },
    onMessage: (message) => {
      heard.push(message)
      if (message.t === 'welcome') machine.correct(message.now)
    },
    onOpenChange: () => {},
    onRefused: () => refusals++,
  })
  await until(clock, () => sockets.length === 1)
})

const welcome = () => encodeToMember({ t: 'welcome', now: clock.now(), members: [], sockets: 1 })
const last = () => {
  const socket = sockets.at(-1)
  if (!socket) throw new Error('no socket')
  return socket
}

describe('the socket to the room object', () => {
  it('is opened with our signed word on direct links and with our key, whatever that word is', async () => {
    const terms = { ms: expect.any(Number), seal: SEAL, sig: SIG }
    expect(last().protocols.map(termsIn)).toEqual([{ direct: false, ...terms }])
    agrees = true
    introducer.reconnectNow()
    await until(clock, () => sockets.length === 2)
    expect(last().protocols.map(termsIn)).toEqual([{ direct: true, ...terms }])
  })

  it('carries that word anew when it changes', async () => {
    last().events.onOpen()
    for (agrees of [true, false]) {
      await introducer.termsChanged()
      const said = last().sent.at(-1)
      if (!(said instanceof Uint8Array)) throw new Error('nothing said')
      const consent = { ms: clock.now(), seal: SEAL, sig: SIG }
      expect(decodeFromMember(said)).toEqual({ t: 'terms', direct: agrees, consent })
    }
  })

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

  it('owes nothing for the pings of the one before it', async () => {
    last().events.onOpen()
    clock.advance(40_000)
    introducer.probe()
    last().events.onClose(1006)
    await until(clock, () => sockets.length === 2)
    last().events.onOpen()
    clock.advance(20_000)
    expect([introducer.isOpen, last().sent]).toEqual([true, [SOCKET_PING]])
    last().events.onPong()
    introducer.probe()
    expect(last().sent).toEqual([SOCKET_PING, SOCKET_PING])
  })

  it('is tried quickly again once it served', async () => {
    isRefused = true
    last().events.onClose(1006)
    await pass(clock, 5_000, 500)
    isRefused = false
    await until(clock, () => sockets.length === 2)
    last().events.onOpen()
    expect(introducer.isFailing).toBe(true)
    last().events.onMessage(welcome())
    expect(introducer.isFailing).toBe(false)
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

  it('that takes only linked accounts is asked again after two to four minutes, whatever the network does', async () => {
    for (let round = 1; round <= 3; round++) {
      last().events.onOpen()
      last().events.onMessage(
        encodeToMember({ t: 'ruled', bytes: new Uint8Array(3), sig: new Uint8Array(64) }),
      )
      last().events.onClose(SocketClose.unlinked)
      expect([introducer.refusal, refusals, sockets.length]).toEqual(['unlinked', 1, round])
      introducer.probe()
      // Half of the way between, as chance has it here.
      await pass(clock, 179_000, 1_000)
      expect(sockets).toHaveLength(round)
      await pass(clock, 2_000, 500)
      expect(sockets).toHaveLength(round + 1)
    }
    // A passport that says otherwise is reason enough.
    last().events.onClose(SocketClose.unlinked)
    introducer.reconnectNow()
    await until(clock, () => sockets.length === 5)
    last().events.onOpen()
    expect(introducer.refusal).toBe('unlinked')
    last().events.onMessage(welcome())
    expect(introducer.refusal).toBeUndefined()
    // Another time it is news again, and a socket that merely breaks is none.
    last().events.onClose(1006)
    expect([introducer.refusal, refusals]).toEqual([undefined, 1])
    await until(clock, () => sockets.length === 6, 'tried again', 250)
    last().events.onClose(SocketClose.unlinked)
    expect([introducer.refusal, refusals]).toEqual(['unlinked', 2])
  })

  it('is tried at once when there is reason to hope', async () => {
    isRefused = true
    last().events.onClose(1006)
    await pass(clock, 60_000, 500)
    isRefused = false
    introducer.probe()
    await pass(clock, 0)
    await until(clock, () => sockets.length === 2)
  })

  it('is waited for no longer than 15 s, whether it is the pass or the socket that does not come', async () => {
    await pass(clock, 15_500, 500)
    expect(sockets.map(({ closed }) => closed)).toEqual([true, false])
    isSlow = true
    last().events.onClose(1006)
    await until(clock, () => tries === 3)
    await pass(clock, 14_500, 500)
    expect(tries).toBe(3)
    await pass(clock, 3_500, 500)
    expect(tries).toBe(4)
    expect(introducer.isFailing).toBe(true)
    letPass()
    await until(clock, () => sockets.length === 3)
    last().events.onOpen()
    await pass(clock, 20_000, 500)
    expect(introducer.isOpen).toBe(true)
  })

  it('brings what it is told, and overlooks what it cannot read', () => {
    last().events.onOpen()
    last().events.onMessage(new Uint8Array([1, 2, 3]))
    last().events.onMessage(encodeToMember({ t: 'introduced', members: [] }))
    expect(heard).toEqual([{ t: 'introduced', members: [] }])
  })

  describe('when there is reason to hope or to doubt', () => {
    const pings = () => last().sent.filter((data) => data === SOCKET_PING).length

    it('is tried once, however many reasons come together', async () => {
      isRefused = true
      last().events.onClose(1006)
      await pass(clock, 60_000, 500)
      isRefused = false
      isSlow = true
      const before = tries
      introducer.probe()
      expect(introducer.isFailing).toBe(false)
      introducer.probe()
      await pass(clock, 900)
      introducer.probe()
      expect(tries).toBe(before + 1)
      letPass()
      await until(clock, () => sockets.length === 2)
      expect(last().closed).toBe(false)
    })

    it('is tried at once where the last try just came to nothing', () => {
      last().events.onClose(1006)
      introducer.probe()
      expect([tries, clock.pending]).toEqual([2, 1])
    })

    it('begins anew where a try has been under way for long: it may be lost in the old network', async () => {
      expect(tries).toBe(1)
      clock.advance(5_001)
      introducer.probe()
      expect([tries, sockets[0]?.closed]).toEqual([2, true])
    })

    it('is kept when it answers', async () => {
      last().events.onOpen()
      introducer.probe()
      introducer.probe()
      expect(pings()).toBe(1)
      clock.advance(4_999)
      last().events.onPong()
      await pass(clock, 10_000, 500)
      expect([introducer.isOpen, sockets.length]).toEqual([true, 1])
    })

    it('is given up within 5 s when it does not answer', async () => {
      last().events.onOpen()
      introducer.probe()
      clock.advance(4_999)
      expect(introducer.isOpen).toBe(true)
      clock.advance(1)
      expect([introducer.isOpen, last().closed]).toEqual([false, true])
      await until(clock, () => sockets.length === 2)
    })

    it('is not kept for the answer to an earlier question', () => {
      last().events.onOpen()
      clock.advance(20_000)
      introducer.probe()
      expect(pings()).toBe(2)
      last().events.onPong()
      clock.advance(5_000)
      expect(introducer.isOpen).toBe(false)
    })

    it('is doubted again after it answered', () => {
      last().events.onOpen()
      introducer.probe()
      last().events.onPong()
      introducer.probe()
      clock.advance(5_000)
      expect(introducer.isOpen).toBe(false)
    })

    it('is replaced at once when it was silent so long that nobody counts on us any more', () => {
      last().events.onOpen()
      clock.advance(25_000)
      introducer.probe()
      expect(tries).toBe(1)
      clock.advance(1)
      introducer.probe()
      expect([tries, sockets[0]?.closed, introducer.isOpen]).toEqual([2, true, false])
    })

    it('is replaced when the clock was set back: its silence cannot be told', () => {
      last().events.onOpen()
      machine.correct(clock.now() - 60_000)
      introducer.probe()
      expect(tries).toBe(2)
    })

    it('is kept when only its own word set the clock right', () => {
      machine.correct(clock.now() - 60_000)
      last().events.onOpen()
      last().events.onMessage(welcome())
      introducer.probe()
      expect([tries, pings()]).toEqual([1, 1])
    })

    it('is replaced whenever the viewer wants that', () => {
      last().events.onOpen()
      introducer.reconnectNow()
      introducer.reconnectNow()
      expect([tries, sockets[0]?.closed]).toEqual([3, true])
    })

    it('is no more once it was closed', () => {
      last().events.onOpen()
      introducer.close()
      introducer.probe()
      introducer.reconnectNow()
      expect([tries, clock.pending, pings()]).toEqual([1, 0, 0])
    })
  })

  it('is closed for good, with nothing left behind', async () => {
    last().events.onOpen()
    introducer.close()
    expect(last().closed).toBe(true)
    last().events.onClose(1000)
    expect(clock.pending).toBe(0)
  })

  it('is tried no more once it was closed while waiting', () => {
    last().events.onClose(1006)
    introducer.close()
    expect(clock.pending).toBe(0)
  })
})
