import { accountSchema } from '../../protocol/api'
import { makeAssertion, makeProof } from '../../services/identity/proofs'
import { issueAccessToken } from '../../worker/auth/access-token'
import { keysOf } from '../../worker/keys'
import { newKeys } from '../http/device-keys'

type Keys = Awaited<ReturnType<typeof newKeys>>

/** A request as it goes out, signed and all. */
export interface Ask {
  method: 'POST' | 'PUT'
  path: string
  headers: Record<string, string>
  body: string
}

/** A browser whose viewer types an address for the first time. */
export interface Newcomer {
  email: string
  keys: Keys
}

/** A signed-in one. */
export interface Member {
  keys: Keys
  accessToken: string
}

/** What proofs are made for, and with which of the Worker's nonces: it dates them, and holds for a minute. */
export interface Dated {
  origin: string
  nonce: string
}

const JSON_BODY = { 'Content-Type': 'application/json' }

export async function newcomer(): Promise<Newcomer> {
  return { email: `${crypto.randomUUID()}@example.com`, keys: await newKeys() }
}

export function codeAsk({ email, keys: { device } }: Newcomer): Ask {
  return {
    method: 'POST',
    path: '/auth/code',
    headers: JSON_BODY,
    body: JSON.stringify({ email, device }),
  }
}

export async function verifyAsk({ email, keys }: Newcomer, code: string, dated: Dated): Promise<Ask> {
  const { device, seal } = keys
  const assertion = await makeAssertion(
    keys,
    { subject: device, audience: dated.origin, nonce: dated.nonce },
    Date.now(),
  )
  return {
    method: 'POST',
    path: '/auth/verify',
    headers: JSON_BODY,
    body: JSON.stringify({ email, code, device, seal, assertion }),
  }
}

/** Who the newcomer became, by the answer to their code, with a token signed by the Worker's own key. */
export async function memberOf(
  { keys }: Newcomer,
  answer: string,
  { origin, signingKeys }: { origin: string; signingKeys: string },
): Promise<Member> {
  const { accountId: account } = accountSchema.parse(JSON.parse(answer))
  const holder = { account, device: keys.device }
  return {
    keys,
    accessToken: await issueAccessToken(keysOf(signingKeys), holder, { origin, now: Date.now() }),
  }
}

export async function passportAsk(member: Member, dated: Dated): Promise<Ask> {
  return proven(member, { method: 'POST', path: '/passport', headers: {}, body: '' }, dated)
}

export async function claimAsk(member: Member, displayName: string, dated: Dated): Promise<Ask> {
  const body = JSON.stringify({ displayName })
  return proven(member, { method: 'PUT', path: '/user/display-name', headers: JSON_BODY, body }, dated)
}

async function proven({ keys, accessToken }: Member, ask: Ask, { origin, nonce }: Dated): Promise<Ask> {
  const request = { method: ask.method, url: origin + ask.path, accessToken, nonce }
  const DPoP = await makeProof(keys, request, Date.now())
  return { ...ask, headers: { ...ask.headers, Authorization: `DPoP ${accessToken}`, DPoP } }
}
