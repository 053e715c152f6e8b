import { fromBase64Url } from './bytes'

const P = 2n ** 255n - 19n
/** The u-coordinates of small order on Curve25519 and its twist, reduced: with any of them the shared secret is zero. */
const LOW_ORDER: ReadonlySet<bigint> = new Set([
  0n,
  1n,
  325606250916557431795983626356110631294008115727848805560023387167927233504n,
  39382357235489614581723060781553021112529911719440698176882885853963445705823n,
  P - 1n,
])

/**
 * Whether something can be sealed to an X25519 public key, raw in base64url: some leave no secret (RFC 7748 §6.1). The highest
 * bit of a key does not count, and one above the prime is what it is beyond it (RFC 7748 §5).
 */
export function leavesSecret(seal: string): boolean {
  const number = fromBase64Url(seal).reduceRight((all, byte) => (all << 8n) | BigInt(byte), 0n)
  return !LOW_ORDER.has(BigInt.asUintN(255, number) % P)
}
