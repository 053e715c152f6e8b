import { fromBase64Url, toBase64Url } from '../protocol/bytes'
import { type SignedBytes, signedBytesSchema } from '../protocol/message'
import { z } from '../protocol/schema'
import type { Sealer } from './sealing'
import type { RulingsRow } from './tables'

const bytes = z.base64url().transform(fromBase64Url)
const storedSchema = z.array(z.object({ bytes, sig: bytes }).pipe(signedBytesSchema))

/** All that was decided for a room and is remembered: it changes seldom, and is read at once. */
export async function sealRulings(
  sealer: Sealer,
  room: string,
  rulings: readonly SignedBytes[],
): Promise<RulingsRow> {
  const content = rulings.map(({ bytes, sig }) => ({ bytes: toBase64Url(bytes), sig: toBase64Url(sig) }))
  return { room, sealed: await sealer.sealJson(['rulings', room], content) }
}

export const openRulings = (
  sealer: Sealer,
  { room, sealed }: RulingsRow,
): Promise<SignedBytes[] | undefined> => sealer.openJson(['rulings', room], sealed, storedSchema)
