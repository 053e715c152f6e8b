import { beforeEach, describe, expect, it, vi } from 'vitest'
import { MAX_FRAME_BYTES } from '../../../protocol/limits'
import type { IceTerms, Link, PendingLink } from '../../../services/mesh/link'
import { WRONG_FINGERPRINT } from '../../../services/mesh/link'
import { directStats, type FakeChannel, FakeConnection, fakeWebRtc } from '../world/fake-connection'
import { memorySdp } from '../world/memory-links'

fakeWebRtc()
const { WebRtcLinks } = await import('../../../platform/webrtc-links')

const RELAY: IceTerms = { policy: 'relay', iceServers: [{ urls: ['turn:turn.test'] }] }
const ALL: IceTerms = { policy: 'all', iceServers: [] }
const ANSWER = { via: 'rtc', sdp: memorySdp('answer') } as const

let links: InstanceType<typeof WebRtcLinks>
beforeEach(() => {
  FakeConnection.made = []
  links = new WebRtcLinks()
})

function only(): FakeConnection {
  const [connection] = FakeConnection.made
  if (!connection || FakeConnection.made.length !== 1) throw new Error('not one connection')
  return connection
}

async function offered(terms = ALL): Promise<PendingLink> {
  const pending = links.offer(terms)
  await vi.waitFor(() => expect(only().localDescription).not.toBeNull())
  only().gathered()
  await pending.proposal
  pending.answered(ANSWER)
  await vi.waitFor(() => expect(only().remoteDescription).not.toBeNull())
  return pending
}

async function opened(terms = ALL): Promise<{ link: Link; channel: FakeChannel }> {
  const pending = await offered(terms)
  const channel = only().connect()
  const link = await pending.opened
  // Who made the channel speaks first.
  expect(channel.sent.splice(0)).toEqual([new Uint8Array([0])])
  channel.drain(1)
  return { link, channel }
}

const gone = () => vi.waitFor(() => expect(links.open).toBe(0))

describe('a WebRTC link', () => {
  it('asks for what its terms leave, and nobody else for addresses', async () => {
    await offered(RELAY)
    expect(only().config).toMatchObject({ iceTransportPolicy: 'relay', iceServers: RELAY.iceServers })
    expect(links.offer(ALL)).toBeDefined()
    expect(FakeConnection.made[1]?.config).toMatchObject({ iceTransportPolicy: 'all', iceServers: [] })
  })

  it('is of its kind: relayed under relay, else as its candidates say', async () => {
    expect((await opened(RELAY)).link.kind).toBe('turn')
    FakeConnection.made = []
    expect((await opened(ALL)).link.kind).toBe('direct')
    FakeConnection.made = []
    const pending = await offered(ALL)
    only().relayed()
    only().connect()
    expect((await pending.opened).kind).toBe('turn')
  })

  it('is of another kind once ICE has found a better pair', async () => {
    const { link } = await opened(ALL)
    const told = vi.fn()
    link.onKindChange = told
    only().relayed()
    only().sctp?.transport.iceTransport?.dispatchEvent(new Event('selectedcandidatepairchange'))
    await vi.waitFor(() => expect(link.kind).toBe('turn'))
    only().stats = directStats()
    only().sctp?.transport.iceTransport?.dispatchEvent(new Event('selectedcandidatepairchange'))
    await vi.waitFor(() => expect(link.kind).toBe('direct'))
    expect(told).toHaveBeenCalledTimes(2)
  })

  it('asks for no statistics where the browser tells which pair is in use', async () => {
    const pending = await offered(ALL)
    let type = 'host'
    only().relayed()
    only().iceTells = {
      onselectedcandidatepairchange: null,
      getSelectedCandidatePair: () => ({ local: { type }, remote: { type: 'host' } }),
    }
    only().connect()
    const link = await pending.opened
    expect(link.kind).toBe('direct')
    type = 'relay'
    only().sctp?.transport.iceTransport?.dispatchEvent(new Event('selectedcandidatepairchange'))
    await vi.waitFor(() => expect(link.kind).toBe('turn'))
    expect(only().askedForStats).toBe(0)
  })

  it('is of another kind also where the browser does not tell', async () => {
    const { link } = await opened(ALL)
    only().relayed()
    await vi.waitFor(() => expect(link.kind).toBe('turn'), 3_000)
    link.close()
    await gone()
  })

  it('is counted while its connection is open, whoever closes it and when', async () => {
    const abandoned = links.offer(ALL)
    expect(links.open).toBe(1)
    abandoned.abandon()
    await expect(abandoned.opened).rejects.toThrow()
    await expect(abandoned.proposal).rejects.toThrow()
    await gone()
    FakeConnection.made = []
    const { link } = await opened()
    expect(links.open).toBe(1)
    link.close()
    link.close()
    await gone()
    FakeConnection.made = []
    const { link: other, channel } = await opened()
    const onClose = vi.fn()
    other.onClose = onClose
    other.onFrame = () => {}
    channel.onclose?.()
    await gone()
    await vi.waitFor(() => expect(onClose).toHaveBeenCalledTimes(1))
    for (const connection of FakeConnection.made) expect(connection.isClosed).toBe(true)
  })

  it('that fails while it is set up is over for both who wait', async () => {
    for (const fail of [() => only().fail('new', 'failed'), () => only().channel?.onclose?.()]) {
      FakeConnection.made = []
      const pending = links.offer(ALL)
      await vi.waitFor(() => expect(only().localDescription).not.toBeNull())
      fail()
      await expect(pending.opened).rejects.toThrow()
      await expect(pending.proposal).rejects.toThrow()
      await gone()
    }
  })

  it('with nonsense for a description fails', async () => {
    const pending = links.answer(ALL, 'nonsense')
    await expect(pending.opened).rejects.toThrow()
    await gone()
    pending.answered(ANSWER)
    pending.abandon()
  })

  it('of which nothing is gathered is given up', async () => {
    vi.useFakeTimers()
    try {
      const pending = links.offer(RELAY)
      const over = expect(pending.proposal).rejects.toThrow()
      await vi.advanceTimersByTimeAsync(6_000)
      await over
      expect(links.open).toBe(0)
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  it('whose other end has another certificate than was signed says so', async () => {
    const impostor = await offered()
    only().fail('failed', 'connected')
    await expect(impostor.opened).rejects.toMatchObject({ cause: WRONG_FINGERPRINT })
    FakeConnection.made = []
    const unreachable = await offered()
    only().fail('failed', 'failed')
    await expect(unreachable.opened).rejects.not.toMatchObject({ cause: WRONG_FINGERPRINT })
  })

  it('whose last words nobody has read yet tells that it broke all the same', async () => {
    const { link, channel } = await opened()
    const onClose = vi.fn()
    link.onClose = onClose
    channel.onmessage?.({ data: new ArrayBuffer(5) })
    channel.onclose?.()
    await vi.waitFor(() => expect(onClose).toHaveBeenCalledTimes(1))
    await gone()
  })

  it('hands over what came before anybody listened', async () => {
    const { link, channel } = await opened()
    channel.onmessage?.({ data: new Uint8Array([1, 2, 3]).buffer })
    const heard: Uint8Array[] = []
    link.onFrame = (frame) => heard.push(frame)
    channel.onmessage?.({ data: new Uint8Array([4]).buffer })
    await vi.waitFor(() => expect(heard).toEqual([new Uint8Array([1, 2, 3]), new Uint8Array([4])]))
    link.close()
  })

  it('that breaks before anybody listens still tells', async () => {
    const { link } = await opened()
    link.close()
    await gone()
    const onClose = vi.fn()
    link.onClose = onClose
    await vi.waitFor(() => expect(onClose).toHaveBeenCalledTimes(1))
  })
})

describe('what waits on a WebRTC link', () => {
  const frame = new Uint8Array(MAX_FRAME_BYTES)
  const kib = (bytes: number) => bytes / 1024

  it('is passed on until the channel holds 256 kB, then when it holds less than 64 kB', async () => {
    const { link, channel } = await opened()
    while (!link.isBusy) link.send(frame)
    expect(kib(channel.bufferedAmount)).toBe(264)
    for (let index = 0; index < 40; index++) link.send(frame)
    expect(channel.sent).toHaveLength(33)
    let isWritable = false
    void link.whenWritable().then(() => {
      isWritable = true
    })
    channel.drain(264 * 1024 - 70 * 1024)
    await Promise.resolve()
    expect(channel.sent).toHaveLength(33)
    channel.drain(10 * 1024)
    expect(channel.sent.length).toBeGreaterThan(50)
    expect(link.isBusy).toBe(true)
    await Promise.resolve()
    expect(isWritable).toBe(false)
    channel.drain(250 * 1024)
    await vi.waitFor(() => expect(isWritable).toBe(true))
    expect(channel.sent).toHaveLength(73)
    expect(link.isBusy).toBe(false)
    await link.whenWritable()
    link.close()
  })

  it('keeps its order', async () => {
    const { link, channel } = await opened()
    for (let index = 0; index < 60; index++) link.send(new Uint8Array(MAX_FRAME_BYTES).fill(index))
    for (let index = 0; index < 10; index++) channel.drain(100 * 1024)
    expect(channel.sent.map(([first]) => first)).toEqual(Array.from({ length: 60 }, (_, index) => index))
    link.close()
  })

  it('counts only what waits now', async () => {
    const { link, channel } = await opened()
    for (let round = 0; round < 5; round++) {
      for (let index = 0; index < 100; index++) link.send(frame)
      while (link.isBusy) channel.drain(128 * 1024)
    }
    expect(links.open).toBe(1)
    expect(channel.sent).toHaveLength(500)
    link.close()
    await gone()
  })

  it('ends the link beyond 1 MB, and lets whoever waits go on', async () => {
    const { link } = await opened()
    for (let index = 0; index < 33 + 128; index++) link.send(frame)
    const waiting = link.whenWritable()
    expect(links.open).toBe(1)
    link.send(frame)
    await waiting
    await gone()
    expect(link.isBusy).toBe(false)
    link.send(frame)
  })

  it('ends the link when the channel takes nothing', async () => {
    const { link, channel } = await opened()
    channel.readyState = 'closing'
    link.send(frame)
    await gone()
    expect(() => link.send(new Uint8Array(MAX_FRAME_BYTES + 1))).not.toThrow()
  })
})
