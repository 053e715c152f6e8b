import { toBase64Url } from '../../protocol/bytes'
import { PICTURE_PIXELS } from '../../protocol/limits'
import { ProblemError } from '../problem'
import { decodeWebp } from './decode'
import { checkStructure } from './webp'

/** Turns a WebP into pixels, or rejects. */
export type Decode = (bytes: Uint8Array<ArrayBuffer>) => Promise<{ width: number; height: number }>

/**
 * Accepts a profile picture, or says why not: first by its structure, which costs nothing, then by decoding it. Resolves
 * with its hash, under which it is stored.
 *
 * @throws {ProblemError} as `checkStructure`; `picture_broken` also for what does not decode.
 */
export async function checkPicture(
  bytes: Uint8Array<ArrayBuffer>,
  decode: Decode = decodeWebp,
): Promise<string> {
  checkStructure(bytes)
  const decoded = await decode(bytes).catch(() => undefined)
  if (decoded?.width !== PICTURE_PIXELS || decoded.height !== PICTURE_PIXELS)
    throw new ProblemError('picture_broken')
  return toBase64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))
}
