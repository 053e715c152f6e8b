import { decodeJwt, decodeProtectedHeader, generateKeyPair } from 'jose'
import { beforeEach, describe, expect, it } from 'vitest'
import { ControlError } from '../../../protocol/control'
import { deviceIdOf } from '../../../protocol/device'
import { Access } from '../../../services/identity/access'
import type { DeviceKeys } from '../../../services/identity/device-keys'
import { VirtualClock } from '../world/virtual-clock'

const ORIGIN = 'https://worker.test'
let clock: VirtualClock
let keys: DeviceKeys
let assertions: string[]
let access: Access
let requestToken: (
  assertion: string,
) => Promise<{ accessToken: string; expiresIn: number; serverTime: number }>

beforeEach(async () => {
  clock = new VirtualClock()
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true })
  const raw = new Uint8Array(await crypto.subtle.exportKey('raw', publicKey))
  keys = { device: deviceIdOf(raw), signingKey: privateKey, seal: '' }
  assertions = []
  requestToken = async (assertion) => {
    assertions.push(assertion)
    return { accessToken: `token-${assertions.length}`, expiresIn: 900, serverTime: clock.now() + 120_000 }
  }
  access = new Access({
    clock,
    audience: ORIGIN,
    bearer: async () => ({ keys, accountId: 'an-account' }),
    requestToken: (assertion) => requestToken(assertion),
  })
})

/** A Worker that answers with `answers` in turn and keeps what it was asked. */
function worker(...answers: { status: number; code?: string; nonce?: string }[]) {
  const requests: Request[] = []
  const fetch = async (request: Request) => {
    requests.push(request)
    const { status, code, nonce } = answers[requests.length - 1] ?? { status: 200 }
    return new Response(JSON.stringify({ code }), {
      status,
      headers: nonce === undefined ? {} : { 'DPoP-Nonce': nonce },
    })
  }
  return { requests, fetch }
}

const proofOf = (request: Request | undefined) => request?.headers.get('dpop') ?? ''

describe('access', () => {
  it('proves each request with the device key, bound to method, URL and token', async () => {
    const { requests, fetch } = worker()
    await access.send(new Request(`${ORIGIN}/passport?x=1`, { method: 'POST' }), fetch)
    const [request] = requests
    expect(request?.headers.get('authorization')).toBe('DPoP token-1')
    expect(decodeProtectedHeader(proofOf(request))).toMatchObject({
      typ: 'dpop+jwt',
      jwk: { kty: 'OKP', crv: 'Ed25519', x: keys.device },
    })
    expect(decodeJwt(proofOf(request))).toMatchObject({ htm: 'POST', htu: `${ORIGIN}/passport` })
    expect(decodeJwt(assertions[0] ?? '')).toMatchObject({ iss: keys.device, sub: 'an-account', aud: ORIGIN })
  })

  it('repeats once with the nonce it is told, and keeps it', async () => {
    const { requests, fetch } = worker({ status: 401, code: 'use_dpop_nonce', nonce: 'n1' })
    expect((await access.send(new Request(`${ORIGIN}/ice`), fetch)).status).toBe(200)
    await access.send(new Request(`${ORIGIN}/ice`), fetch)
    expect(requests.map((request) => decodeJwt(proofOf(request)).nonce)).toEqual([undefined, 'n1', 'n1'])
    const ids = requests.map((request) => decodeJwt(proofOf(request)).jti)
    expect(new Set(ids).size).toBe(3)
  })

  it('gets a new token when the old one has ended, and repeats a body with it', async () => {
    const { requests, fetch } = worker({ status: 401, code: 'token_invalid' })
    const request = new Request(`${ORIGIN}/user/display-name`, { method: 'PUT', body: '{"a":1}' })
    expect((await access.send(request, fetch)).status).toBe(200)
    expect(requests.map(({ headers }) => headers.get('authorization'))).toEqual([
      'DPoP token-1',
      'DPoP token-2',
    ])
    expect(await requests[1]?.text()).toBe('{"a":1}')
  })

  it('does not insist where it is refused for good', async () => {
    const { requests, fetch } = worker({ status: 401, code: 'device_refused' })
    expect((await access.send(new Request(`${ORIGIN}/ice`), fetch)).status).toBe(401)
    expect(requests).toHaveLength(1)
    const stubborn = worker(...Array.from({ length: 9 }, () => ({ status: 401, code: 'use_dpop_nonce' })))
    expect((await access.send(new Request(`${ORIGIN}/ice`), stubborn.fetch)).status).toBe(401)
    expect(stubborn.requests).toHaveLength(3)
  })

  it('keeps a token until shortly before its end, and asks once for many requests at a time', async () => {
    const { fetch } = worker()
    await Promise.all([1, 2, 3].map(() => access.send(new Request(`${ORIGIN}/ice`), fetch)))
    expect(assertions).toHaveLength(1)
    clock.advance(13 * 60_000)
    await access.send(new Request(`${ORIGIN}/ice`), fetch)
    expect(assertions).toHaveLength(1)
    clock.advance(2 * 60_000)
    await access.send(new Request(`${ORIGIN}/ice`), fetch)
    expect(assertions).toHaveLength(2)
  })

  it('learns the Worker’s clock', async () => {
    await access.send(new Request(`${ORIGIN}/ice`), worker().fetch)
    expect(access.now() - clock.now()).toBe(120_000)
  })

  it('signs an assertion again with the nonce it is told', async () => {
    const attempts: string[] = []
    const answer = await access.withAssertion(keys, keys.device, async (assertion) => {
      attempts.push(assertion)
      if (attempts.length > 1) return 'in'
      access.observe(new Response('', { headers: { 'DPoP-Nonce': 'n2' } }))
      throw new ControlError('use_dpop_nonce')
    })
    expect(answer).toBe('in')
    expect(attempts.map((assertion) => decodeJwt(assertion).nonce)).toEqual([undefined, 'n2'])
  })
})
