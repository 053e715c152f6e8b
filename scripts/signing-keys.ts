import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose'
import { z } from 'zod'
import { KEY_ARCHIVE_MS, KEY_DRAIN_MS, KEY_LEAD_MS } from '../worker/limits.ts'

/**
 * The life of the Worker's signing keys, as `worker/keys.ts` explains it. Pure: from a key set and the time (ms) to the
 * next key set. Private halves never leave what these functions return.
 */
const keySchema = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  kid: z.string(),
  x: z.string(),
  /** The private half; gone once the key is retired. */
  d: z.string().exactOptional(),
  /** Seconds: signs from then on. */
  nbf: z.int().exactOptional(),
  /** Seconds: retired then. */
  exp: z.int().exactOptional(),
})
export const keySetSchema = z.object({ keys: z.array(keySchema) })
type Key = z.infer<typeof keySchema>
/** Newest first. */
export type KeySet = z.infer<typeof keySetSchema>

export type KeyState = 'announced' | 'signing' | 'ended' | 'retired'

const seconds = (ms: number) => Math.floor(ms / 1000)

/** An Ed25519 key whose `kid` is its RFC 7638 thumbprint. */
async function makeKey(nbf: number): Promise<Key> {
  const { privateKey } = await generateKeyPair('EdDSA', { extractable: true })
  const { x = '', d = '' } = await exportJWK(privateKey)
  const kid = await calculateJwkThumbprint({ kty: 'OKP', crv: 'Ed25519', x })
  return { kty: 'OKP', crv: 'Ed25519', kid, x, d, nbf }
}

/** A key that signs at once: dated back, because the operator's clock may be ahead of the Worker's. */
const makeKeyForNow = (now: number) => makeKey(seconds(now - KEY_DRAIN_MS))

/** The first key of a Worker. */
export const firstKeys = async (now: number): Promise<KeySet> => ({ keys: [await makeKeyForNow(now)] })

/** When the key at `index` stops signing (seconds): when the next newer one begins. */
function endOf({ keys }: KeySet, index: number): number {
  const { exp, nbf = 0 } = keys[index] ?? {}
  if (exp !== undefined) return exp
  const later = keys.flatMap((other) =>
    other.d !== undefined && (other.nbf ?? 0) > nbf ? [other.nbf ?? 0] : [],
  )
  return Math.min(...later, Number.POSITIVE_INFINITY)
}

/** What each key is at `now`, in the order of the set, and when that changes by itself (seconds). */
export function statesOf(set: KeySet, now: number): { kid: string; state: KeyState; until: number }[] {
  return set.keys.map((key, index) => {
    const { kid, d, nbf = 0 } = key
    const end = endOf(set, index)
    if (d === undefined) return { kid, state: 'retired', until: end + seconds(KEY_ARCHIVE_MS) }
    if (nbf > seconds(now)) return { kid, state: 'announced', until: nbf }
    if (end > seconds(now)) return { kid, state: 'signing', until: end }
    return { kid, state: 'ended', until: end + seconds(KEY_DRAIN_MS) }
  })
}

/**
 * Destroys private halves that nothing needs any more, and drops public ones that were published long enough. Changes
 * nothing about who signs, so it may be run whenever one likes.
 */
export function tidyKeys(set: KeySet, now: number): KeySet {
  const states = statesOf(set, now)
  const keys = set.keys.flatMap((key, index): Key[] => {
    const { state, until = 0 } = states[index] ?? {}
    if (until > seconds(now) || (state !== 'ended' && state !== 'retired')) return [key]
    if (state === 'retired') return []
    const { kty, crv, kid, x } = key
    return [{ kty, crv, kid, x, exp: endOf(set, index) }]
  })
  return { keys }
}

/**
 * Announces a new key, which signs `KEY_LEAD_MS` from now, and tidies up.
 * @throws RangeError while another one is announced: of two, clients would lack one.
 */
export async function rotateKeys(set: KeySet, now: number): Promise<KeySet> {
  if (statesOf(set, now).some(({ state }) => state === 'announced'))
    throw new RangeError('a key is announced already')
  return { keys: [await makeKey(seconds(now + KEY_LEAD_MS)), ...tidyKeys(set, now).keys] }
}

/**
 * Removes a key that somebody else may have, with everything it vouched for. If no other can sign, a new one does at
 * once. Nobody is signed out: browsers get new tokens and passports by themselves.
 * @throws RangeError if there is no such key.
 */
export async function revokeKey(set: KeySet, kid: string, now: number): Promise<KeySet> {
  const keys = set.keys.filter((key) => key.kid !== kid)
  if (keys.length === set.keys.length) throw new RangeError('no such key')
  const signs = statesOf({ keys }, now).some(({ state }) => state === 'signing')
  return { keys: signs ? keys : [await makeKeyForNow(now), ...keys] }
}
