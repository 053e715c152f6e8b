import { decodeProtectedHeader, type JSONWebKeySet } from 'jose'

/** Whether the key that signed `jwt` is among `keys`. Checks no signature. */
export function isVouchedBy({ keys }: JSONWebKeySet, jwt: string): boolean {
  const kid = keyIdOf(jwt)
  return keys.some((key) => key.kid === kid)
}

function keyIdOf(jwt: string): string | undefined {
  try {
    return decodeProtectedHeader(jwt).kid
  } catch {
    return undefined
  }
}
