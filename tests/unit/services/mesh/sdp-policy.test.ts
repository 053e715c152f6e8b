import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_SDP_BYTES } from '../../../../protocol/limits'
import { localSdp, remoteSdp } from '../../../../services/mesh/sdp-policy'
import { HOST_ADDRESS, memorySdp, PUBLIC_ADDRESS, RELAY_ADDRESS } from '../../world/memory-links'

const HOST = '1 1 udp 2122260223 10.1.2.3 50001 typ host'
const RELAY = '3 1 udp 41885695 203.0.112.9 50002 typ relay raddr 93.184.216.77 rport 50001'
const relay = (address: string) => `7 1 udp 41885695 ${address} 50002 typ relay raddr 0.0.0.0 rport 0`

/** The description with these lines in place of its candidates. */
function sdpWith(candidates: readonly string[], extra: readonly string[] = []): string {
  const lines = memorySdp('abcd', 'all')
    .split('\r\n')
    .filter((line) => !line.startsWith('a=candidate:') && line !== '')
  return [...lines, ...candidates.map((line) => `a=candidate:${line}`), ...extra, ''].join('\r\n')
}
const candidatesOf = (sdp: string | undefined) =>
  (sdp ?? '').split('\r\n').filter((line) => line.startsWith('a=candidate:'))
const addressesOf = (sdp: string | undefined) => candidatesOf(sdp).map((line) => line.split(' ')[4])

/** Every line that may leave under `relay`; the relay's own address is the only one it can hold. */
const HARMLESS = [
  /^v=0$/,
  /^o=- \d+ \d+ IN IP4 0\.0\.0\.0$/,
  /^s=-$/,
  /^t=0 0$/,
  /^a=group:BUNDLE [\w-]+$/,
  /^m=application 9 UDP\/DTLS\/SCTP webrtc-datachannel$/,
  /^c=IN IP4 0\.0\.0\.0$/,
  /^a=candidate:\d+ 1 udp \d+ [\d.a-fA-F:]+ \d+ typ relay raddr 0\.0\.0\.0 rport 0$/,
  /^a=ice-(ufrag|pwd):[A-Za-z0-9+/]+$/,
  /^a=fingerprint:sha-(256|384|512) [\dA-F:]+$/i,
  /^a=setup:(actpass|active|passive)$/,
  /^a=mid:[\w-]+$/,
  /^a=(sctp-port|max-message-size):\d+$/,
  /^$/,
]

describe('what leaves under relay', () => {
  it('names the relay and nothing else', () => {
    const sdp = localSdp(memorySdp('abcd', 'all'), 'relay')
    expect(addressesOf(sdp)).toEqual([RELAY_ADDRESS])
    expect(sdp).not.toContain(HOST_ADDRESS)
    expect(sdp).not.toContain(PUBLIC_ADDRESS)
    expect(sdp).toContain('raddr 0.0.0.0 rport 0')
  })

  it('is a description still, with its fingerprint and its keys', () => {
    const sdp = localSdp(memorySdp('abcd', 'all'), 'relay')
    expect(sdp).toContain('a=ice-ufrag:abcd\r\n')
    expect(sdp).toContain('a=ice-pwd:0123456789abcdefABCDEF\r\n')
    expect(sdp).toContain(`a=fingerprint:sha-256 ${Array(32).fill('AB').join(':')}\r\n`)
    expect(sdp).toContain('a=setup:actpass\r\na=mid:0\r\na=sctp-port:5000\r\na=max-message-size:262144\r\n')
  })

  it.each([
    `a=rtcp:9 IN IP4 ${HOST_ADDRESS}`,
    `i=${HOST_ADDRESS}`,
    `a=remote-candidates:1 ${HOST_ADDRESS} 5000`,
    `a=ssrc:1 cname:${HOST_ADDRESS}`,
    `a=x-${HOST_ADDRESS}`,
    `a=candidate:1 1 UDP 2122260223 ${HOST_ADDRESS} 5000 typ host`,
    `a=candidate:1 1 udp 1 ${HOST_ADDRESS} 5000 typ prflx raddr ${HOST_ADDRESS} rport 1`,
    `a=candidate:1 1 udp 1 4b36eea5-6e5f-4f5f-a8a9-b92ddd4ee7d1.local 5000 typ host`,
    `a=candidate:${HOST_ADDRESS} 1 udp 1 203.0.112.9 5000 typ relay`,
    `a=candidate:1 1 udp 1 203.0.112.9 5000 typ relay raddr ${HOST_ADDRESS} rport 5 network-id 1 x ${HOST_ADDRESS}`,
    `a=candidate:1 1 tcp 1 ${HOST_ADDRESS} 9 typ host tcptype active`,
    `a=candidate:1 1 udp 1 ${HOST_ADDRESS} 5000 typ host typ relay`,
  ])('does not hold what %s says', (line) => {
    const sdp = localSdp(sdpWith([RELAY], [line]), 'relay')
    expect(sdp).toBeDefined()
    expect(sdp).not.toContain(HOST_ADDRESS)
    expect(sdp).not.toContain('.local')
    for (const written of sdp?.split('\r\n') ?? [])
      expect(HARMLESS.some((harmless) => harmless.test(written))).toBe(true)
  })

  it.each([
    ['nothing', ''],
    ['no relay', sdpWith([HOST])],
    ['no candidate', sdpWith([])],
    ['two media', sdpWith([RELAY], ['m=audio 9 UDP/TLS/RTP/SAVPF 0'])],
    ['a media that was refused', sdpWith([RELAY]).replace('m=application 50001', 'm=application 0')],
    ['two fingerprints', sdpWith([RELAY], [`a=fingerprint:sha-256 ${Array(32).fill('CD').join(':')}`])],
    ['no fingerprint', sdpWith([RELAY]).replace(/a=fingerprint.*\r\n/, '')],
    ['no keys', sdpWith([RELAY]).replace(/a=ice-pwd.*\r\n/, '')],
    ['an address for a name', sdpWith([RELAY]).replace('a=mid:0', `a=mid:${HOST_ADDRESS}`)],
    ['another origin', sdpWith([RELAY]).replace(/o=.*\r\n/, `o=${HOST_ADDRESS}\r\n`)],
    ['endless lines', sdpWith([RELAY], Array(500).fill('a=x'))],
  ])('is nothing when there is %s', (_, sdp) => {
    expect(localSdp(sdp, 'relay')).toBeUndefined()
  })

  it('is harmless whatever a browser wrote', () => {
    const token = fc.constantFrom(
      HOST_ADDRESS,
      PUBLIC_ADDRESS,
      'fe80::1',
      'x.local',
      '0',
      'typ',
      'relay',
      'host',
      'udp',
    )
    const noise = fc.oneof(
      fc.string({ maxLength: 40 }),
      fc.array(token, { maxLength: 12 }).map((words) => `a=candidate:${words.join(' ')}`),
      fc
        .tuple(
          token,
          fc.constantFrom('udp', 'tcp', 'UDP'),
          token,
          fc.constantFrom('host', 'srflx', 'prflx', 'relay'),
          token,
        )
        .map(
          ([foundation, transport, address, type, related]) =>
            `a=candidate:${foundation} 1 ${transport} 5 ${address} 6000 typ ${type} raddr ${related} rport 7`,
        ),
      token.map((address) => `c=IN IP4 ${address}`),
      token.map((address) => `a=ice-ufrag:${address}`),
      token.map((address) => `a=mid:${address}`),
    )
    const clean = sdpWith([RELAY]).split('\r\n')
    const nasty = fc
      .tuple(fc.array(fc.tuple(fc.nat(clean.length), noise), { maxLength: 8 }), fc.constantFrom('\r\n', '\n'))
      .map(([insertions, newline]) => {
        const lines = [...clean]
        for (const [at, line] of insertions) lines.splice(at, 0, line)
        return lines.join(newline)
      })
    let passed = 0
    fc.assert(
      fc.property(nasty, (sdp) => {
        const left = localSdp(sdp, 'relay')
        if (left === undefined) return
        passed++
        expect(left.length).toBeLessThanOrEqual(MAX_SDP_BYTES)
        for (const line of left.split('\r\n')) {
          expect(HARMLESS.some((harmless) => harmless.test(line))).toBe(true)
          // The noise calls these relays itself; no browser does.
          if (line.startsWith('a=candidate:')) continue
          for (const address of [HOST_ADDRESS, PUBLIC_ADDRESS, '.local']) expect(line).not.toContain(address)
        }
      }),
      { numRuns: 500 },
    )
    expect(passed).toBeGreaterThan(50)
  })
})

describe('what leaves when both agreed', () => {
  it('names every way to us, and still no related address', () => {
    const sdp = localSdp(memorySdp('abcd', 'all'), 'all')
    expect(addressesOf(sdp)).toEqual([HOST_ADDRESS, PUBLIC_ADDRESS, RELAY_ADDRESS])
    expect(sdp).not.toContain(`raddr ${HOST_ADDRESS}`)
  })

  it('fits into a signal however many interfaces there are', () => {
    const hosts = Array.from(
      { length: 20 },
      (_, index) => `${index} 1 udp 5 2001:db8:1:2:3:4:5:${index} 50001 typ host`,
    )
    const sdp = localSdp(sdpWith([...hosts, RELAY]), 'all') ?? ''
    expect(sdp.length).toBeLessThanOrEqual(MAX_SDP_BYTES)
    expect(addressesOf(sdp)).toContain('203.0.112.9')
    expect(candidatesOf(sdp).length).toBeGreaterThan(10)
  })
})

describe('what comes in under relay', () => {
  it.each([
    '10.0.0.1',
    '172.16.5.5',
    '192.168.1.1',
    '127.0.0.1',
    '169.254.169.254',
    '100.64.1.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '198.18.0.1',
    '::1',
    'fe80::1',
    'fd00::1',
    'ff02::1',
    '::ffff:10.0.0.1',
    '64:ff9b::a00:1',
    '2002:a00:1::1',
    '2001:0:a00:1::1',
    'router.local',
    'localhost',
    '0x7f000001',
    '2130706433',
    '127.1',
    '010.0.0.1',
  ])('is not %s', (address) => {
    expect(addressesOf(remoteSdp(sdpWith([relay(address), RELAY]), 'relay'))).toEqual(['203.0.112.9'])
    expect(remoteSdp(sdpWith([relay(address)]), 'relay')).toBeUndefined()
  })

  it('may be in our network when our TURN server is', () => {
    expect(addressesOf(remoteSdp(sdpWith([relay('127.0.0.1')]), 'relay', true))).toEqual(['127.0.0.1'])
  })

  it('is relays only, and few of them', () => {
    const many = Array.from({ length: 20 }, (_, index) => relay(`203.0.112.${index}`))
    const sdp = remoteSdp(sdpWith([HOST, ...many]), 'relay')
    expect(candidatesOf(sdp)).toHaveLength(8)
    expect(addressesOf(sdp)).not.toContain('10.1.2.3')
    expect(addressesOf(remoteSdp(sdpWith([relay('2a00:1450::5')]), 'relay'))).toEqual(['2a00:1450::5'])
  })
})

describe('what comes in when both agreed', () => {
  it('is bounded, too', () => {
    const many = Array.from({ length: 60 }, (_, index) => `1 1 udp 5 10.0.0.${index} 6000 typ host`)
    expect(candidatesOf(remoteSdp(sdpWith(many), 'all'))).toHaveLength(24)
    expect(addressesOf(remoteSdp(sdpWith([HOST]), 'all'))).toEqual(['10.1.2.3'])
  })
})
