import { describe, expect, it } from 'vitest'
import { toBase64Url } from '../../../protocol/bytes'
import { leavesSecret } from '../../../protocol/seal-key'
import { sealBytes } from '../../../protocol/sealed'

const P = 2n ** 255n - 19n
const SMALL = [
  0n,
  1n,
  325606250916557431795983626356110631294008115727848805560023387167927233504n,
  39382357235489614581723060781553021112529911719440698176882885853963445705823n,
  P - 1n,
]
const HIGHEST_BIT = 2n ** 255n
const raw = (number: bigint) =>
  Uint8Array.from({ length: 32 }, (_, index) => Number((number >> BigInt(8 * index)) & 0xffn))
const isSealedTo = (key: Uint8Array) =>
  sealBytes(key, new Uint8Array(0), new Uint8Array(1)).then(
    () => true,
    () => false,
  )

describe('a key to seal to', () => {
  it('leaves a secret exactly if it can be sealed to, however it is written', async () => {
    const written = [...SMALL, P, P + 1n].flatMap((number) => [number, number + HIGHEST_BIT])
    for (const number of [...written, 2n, 9n, P - 2n, P + 2n, HIGHEST_BIT + 9n]) {
      const key = raw(number)
      expect([number, leavesSecret(toBase64Url(key))]).toEqual([number, await isSealedTo(key)])
    }
    expect(written.filter((number) => leavesSecret(toBase64Url(raw(number))))).toEqual([])
  })
})
