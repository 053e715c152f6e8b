import {
  accountSchema,
  displayNameBodySchema,
  ticketResponseSchema,
  tokenResponseSchema,
} from '../../../protocol/api'
import type { AccountId } from '../../../protocol/device'
import { assertion, newDevice, proof, type Tampering, type TestDevice } from './device'
import { type Call, call, mailedCode, newAddress, newNetwork } from './worker'

export interface Viewer {
  account: AccountId
  displayName: string
  device: TestDevice
  accessToken: string
}

/** Each from a network of its own unless told: they are rationed. `more` goes into the body. */
export const askCode = (email: string, device: TestDevice, headers: Record<string, string> = {}, more = {}) =>
  call('POST', '/auth/code', {
    body: { email, device: device.id, ...more },
    headers: { 'CF-Connecting-IP': newNetwork(), ...headers },
  })

export async function tryCode(
  email: string,
  code: string,
  device: TestDevice,
  tampering: Tampering = {},
  more = {},
) {
  const body = {
    email,
    code,
    device: device.id,
    seal: device.seal,
    assertion: await assertion(device, device.id, tampering),
    ...more,
  }
  return call('POST', '/auth/verify', { body })
}

export async function askToken(device: TestDevice, account: string, tampering: Tampering = {}) {
  return call('POST', '/auth/token', { body: { assertion: await assertion(device, account, tampering) } })
}

/** Signs somebody in by the real routes, from the mail to the access token. */
export async function signIn(email = newAddress(), device?: TestDevice): Promise<Viewer> {
  const mine = device ?? (await newDevice())
  await askCode(email, mine)
  const { accountId, displayName } = accountSchema.parse(
    await (await tryCode(email, mailedCode(email), mine)).json(),
  )
  const { accessToken } = tokenResponseSchema.parse(await (await askToken(mine, accountId)).json())
  return { account: accountId, displayName, device: mine, accessToken }
}

/** A request with the viewer's token and a proof made for it. */
export async function authed(
  { device, accessToken }: Pick<Viewer, 'device' | 'accessToken'>,
  method: string,
  path: string,
  { headers = {}, ...rest }: Call = {},
  tampering: Tampering = {},
) {
  const DPoP = await proof(device, { method, path, accessToken }, tampering)
  return call(method, path, { ...rest, headers: { Authorization: `DPoP ${accessToken}`, DPoP, ...headers } })
}

/** The same viewer with a fresh token, after the clock was moved on, and with the name that the account has now. */
export async function refreshed(viewer: Viewer): Promise<Viewer> {
  const { accessToken } = tokenResponseSchema.parse(
    await (await askToken(viewer.device, viewer.account)).json(),
  )
  const fresh = { ...viewer, accessToken }
  const { displayName } = displayNameBodySchema.parse(
    await (await authed(fresh, 'GET', '/user/display-name')).json(),
  )
  return { ...fresh, displayName }
}

export const rename = (viewer: Viewer, displayName: string) =>
  authed(viewer, 'PUT', '/user/display-name', { body: { displayName } })

export async function ticketFor(
  viewer: Viewer,
  room: string,
  headers: Record<string, string> = {},
): Promise<string> {
  const response = await authed(viewer, 'POST', `/rooms/${room}/ticket`, { headers })
  return ticketResponseSchema.parse(await response.json()).ticket
}
