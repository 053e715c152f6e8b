import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ticketResponseSchema } from '../../protocol/api'
import { accountIdSchema } from '../../protocol/device'
import { CODE_ATTEMPTS, TICKET_LIFETIME_MS } from '../../protocol/limits'
import { channelRoom } from '../../protocol/room-id'
import { networkBucketOf } from '../../protocol/room-socket'
import { SOCKET_PROTOCOL, TICKET_PROTOCOL_PREFIX } from '../../protocol/socket-protocol'
import { nonceAt } from '../../worker/auth/nonce'
import { issueTicket } from '../../worker/auth/ticket'
import { keysOf } from '../../worker/keys'
import { Attacker, type Tampering } from './attacker'
import { newKeys } from './device-keys'
import { type RawAnswer, raw, refusalOf } from './raw'
import { newAddress, openStand, type Stand } from './stand'

const EXTENSION = 'chrome-extension://jjcmgcjjkfaoelolhidopeebdigcohpg'
const GUESSES = 200

let stand: Stand

beforeAll(async () => {
  stand = await openStand()
}, 90_000)

afterAll(async () => {
  await stand?.stop()
}, 60_000)

const outcomeOf = (answer: RawAnswer) => (answer.status < 400 ? 'ok' : refusalOf(answer))
const tally = (outcomes: readonly string[]) =>
  Object.fromEntries(
    [...new Set(outcomes)].map((one) => [one, outcomes.filter((each) => each === one).length]),
  )

describe('guesses', () => {
  it(`of which ${GUESSES} come at once are looked at five times`, async () => {
    const attacker = await Attacker.at(stand.origin)
    const email = newAddress()
    await attacker.askCode(email)
    const code = Number(await stand.codeFor(email))
    const nonce = await attacker.nonce()
    const guesses = Array.from({ length: GUESSES }, (_, index) =>
      attacker.guess(email, String((code + index + 1) % 1_000_000).padStart(6, '0'), nonce),
    )
    const outcomes = (await Promise.all(guesses)).map(outcomeOf)
    expect(tally(outcomes)).toEqual({
      code_refused: CODE_ATTEMPTS,
      code_attempts_exhausted: GUESSES - CODE_ATTEMPTS,
    })
    const right = await attacker.guess(email, String(code).padStart(6, '0'))
    expect([right.status, refusalOf(right)]).toEqual([429, 'code_attempts_exhausted'])
    expect(Number(right.headers['retry-after'])).toBeGreaterThan(0)
  }, 30_000)

  it('of one device do not sign in another, and a code that comes twice is worth one account', async () => {
    const [owner, other] = [await Attacker.at(stand.origin), await Attacker.at(stand.origin)]
    const email = newAddress()
    await owner.askCode(email)
    const code = await stand.codeFor(email)
    expect(refusalOf(await other.guess(email, code))).toBe('code_refused')
    const first = await owner.guess(email, code)
    expect(first.status).toBe(200)
    expect((await owner.guess(email, code)).body).toEqual(first.body)
    expect(refusalOf(await other.guess(email, code))).toBe('code_refused')
  })

  it.each(['ｖictim@example.com', 'victim@ｅxample.com', 'ﬁona@example.com'])(
    'by %s get no mail',
    async (email) => {
      expect(refusalOf(await (await Attacker.at(stand.origin)).askCode(email))).toBe('invalid_request')
    },
  )
})

describe('proofs', () => {
  const PATH = '/user/display-name'
  const minutes = (count: number) => Math.floor(Date.now() / 1000) + count * 60

  it.each([-5, 0, 5])('are taken from a clock that is %i minutes ahead', async (ahead) => {
    expect((await stand.asked('GET', PATH, { tampering: { claims: { iat: minutes(ahead) } } })).status).toBe(
      200,
    )
  })

  const forged: [string, string, () => Tampering | Promise<Tampering>][] = [
    ['another method', 'proof_invalid', () => ({ claims: { htm: 'PUT' } })],
    ['another path', 'proof_invalid', () => ({ claims: { htu: `${stand.origin}/devices` } })],
    ['another origin', 'proof_invalid', () => ({ claims: { htu: `https://example.com${PATH}` } })],
    ['another token', 'proof_invalid', () => ({ claims: { ath: 'x'.repeat(43) } })],
    ['no id', 'proof_invalid', () => ({ claims: { jti: '' } })],
    ['another type', 'proof_invalid', () => ({ header: { typ: 'JWT' } })],
    ['a foreign signature', 'proof_invalid', async () => ({ key: (await newKeys()).signingKey })],
    [
      'a foreign key',
      'proof_invalid',
      async () => {
        const { device, signingKey } = await newKeys()
        return { header: { jwk: { kty: 'OKP', crv: 'Ed25519', x: device } }, key: signingKey }
      },
    ],
    ['no nonce', 'use_dpop_nonce', () => ({ claims: { nonce: '' } })],
    ['a nonce of nobody’s', 'use_dpop_nonce', () => ({ claims: { nonce: `abc.${'x'.repeat(43)}` } })],
    [
      'a nonce five minutes old',
      'use_dpop_nonce',
      async () => ({
        claims: { nonce: await nonceAt(await stand.secret('NONCE_KEY'), Date.now() - 300_000) },
      }),
    ],
    [
      'a nonce of in five minutes',
      'use_dpop_nonce',
      async () => ({
        claims: { nonce: await nonceAt(await stand.secret('NONCE_KEY'), Date.now() + 300_000) },
      }),
    ],
  ]
  it.each(forged)('with %s are refused', async (_, code, tampering) => {
    const answer = await stand.asked('GET', PATH, { tampering: await tampering() })
    expect([answer.status, refusalOf(answer)]).toEqual([401, code])
    expect(answer.headers['dpop-nonce']).toMatch(/./)
  })

  it('work once, of however many at once', async () => {
    const { accessToken } = stand.session
    const DPoP = await stand.viewer.proof({ method: 'GET', path: PATH, accessToken })
    const headers = { Authorization: `DPoP ${accessToken}`, DPoP }
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => raw(stand.origin, { path: PATH, headers })),
    )
    expect(tally(answers.map(outcomeOf))).toEqual({ ok: 1, proof_invalid: 19 })
  })

  it('are for the path as it is meant, however it is spelt', async () => {
    const path = '/rooms/twitch:raw/ticket'
    for (const spelt of [
      '/rooms/twitch%3Araw/ticket',
      '/rooms/twitch%3araw/ticket',
      '/rooms/%74witch:raw/ticket',
    ]) {
      const DPoP = await stand.viewer.proof({ method: 'POST', path, accessToken: stand.session.accessToken })
      const headers = { Authorization: `DPoP ${stand.session.accessToken}`, DPoP }
      expect((await raw(stand.origin, { method: 'POST', path: spelt, headers })).status, spelt).toBe(200)
    }
  })

  it('without a token, or a token without one, open nothing', async () => {
    const { accessToken } = stand.session
    const DPoP = await stand.viewer.proof({ method: 'GET', path: PATH, accessToken })
    const bare: Record<string, string>[] = [{ DPoP }, { Authorization: `Bearer ${accessToken}`, DPoP }]
    for (const headers of bare)
      expect(refusalOf(await raw(stand.origin, { path: PATH, headers }))).toBe('token_invalid')
    const headers = { Authorization: `DPoP ${accessToken}` }
    expect(refusalOf(await raw(stand.origin, { path: PATH, headers }))).toBe('proof_invalid')
  })
})

describe('tickets', () => {
  const room = channelRoom('attacked')
  const open = (ticket: string, at: string = room, headers: Record<string, string> = {}) =>
    raw(stand.origin, {
      path: `/rooms/${at}/socket`,
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': Buffer.alloc(16, 1).toString('base64'),
        'Sec-WebSocket-Protocol': `${SOCKET_PROTOCOL}, ${TICKET_PROTOCOL_PREFIX}${ticket}`,
        ...headers,
      },
    })
  const newTicket = async () =>
    ticketResponseSchema.parse(
      JSON.parse((await stand.asked('POST', `/rooms/${room}/ticket`)).body.toString()),
    ).ticket
  const ticketOf = async (now: number, signingKeys: string) => {
    const holder = {
      account: accountIdSchema.parse(stand.session.account),
      device: stand.viewer.keys.device,
      bucket: networkBucketOf(new Uint8Array(8)),
      ver: 1,
      linked: false,
    }
    return (await issueTicket(keysOf(signingKeys), holder, { room, origin: stand.origin, now })).ticket
  }

  it('open one socket', async () => {
    const ticket = await newTicket()
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => open(ticket)))
    expect(answers.map(({ status }) => status).sort()).toEqual([101, 401, 401, 401, 401])
    expect(refusalOf(await open(ticket))).toBe('ticket_refused')
  })

  it('open no other room, and none to a web page', async () => {
    const ticket = await newTicket()
    expect(refusalOf(await open(ticket, 'twitch:other'))).toBe('ticket_refused')
    expect(refusalOf(await open(ticket, room, { Origin: 'https://www.twitch.tv' }))).toBe(
      'origin_not_allowed',
    )
    expect((await open(ticket, room, { Origin: EXTENSION })).status).toBe(101)
  })

  it('hold for 30 seconds, and only if the Worker signed them', async () => {
    const keys = await stand.secret('SIGNING_KEYS')
    expect(refusalOf(await open(await ticketOf(Date.now() - TICKET_LIFETIME_MS - 1_000, keys)))).toBe(
      'ticket_refused',
    )
    expect((await open(await ticketOf(Date.now(), keys))).status).toBe(101)
    const { privateKey } = await crypto.subtle
      .generateKey('Ed25519', true, ['sign', 'verify'])
      .then((pair) => {
        if (!('privateKey' in pair)) throw new TypeError('no pair')
        return pair
      })
    const jwk = await crypto.subtle.exportKey('jwk', privateKey)
    const { kid } = await keysOf(keys).signing(Date.now())
    const forged = JSON.stringify({ keys: [{ ...jwk, kid, alg: 'EdDSA', use: 'sig' }] })
    expect(refusalOf(await open(await ticketOf(Date.now(), forged)))).toBe('ticket_refused')
  })
})
