import { fromBase64Url, toBase64Url } from '../protocol/bytes'
import type { DeviceId } from '../protocol/device'
import { type Proof, proofSchema } from '../protocol/proof'
import { z } from '../protocol/schema'
import type { Sealer } from './sealing'
import type { ProofRow } from './tables'

const bytes = z.base64url().transform(fromBase64Url)
const signed = z.object({ bytes, sig: bytes })
const storedSchema = z.object({ first: signed, second: signed, passport: z.string() }).pipe(proofSchema)

export async function sealProof(
  sealer: Sealer,
  room: string,
  author: DeviceId,
  { first, second, passport }: Proof,
): Promise<ProofRow> {
  const device = await sealer.hash('proof', room, author)
  const content = { first: asText(first), second: asText(second), passport }
  return { room, device, sealed: await sealer.sealJson(['proof', room, device], content) }
}

export const openProof = (sealer: Sealer, { room, device, sealed }: ProofRow): Promise<Proof | undefined> =>
  sealer.openJson(['proof', room, device], sealed, storedSchema)

const asText = ({ bytes, sig }: Proof['first']) => ({ bytes: toBase64Url(bytes), sig: toBase64Url(sig) })
