import { PICTURE_TYPE } from '../../protocol/picture'
import type { PictureBucket } from '../ports'
import { ProblemError } from '../problem'
import { isKnown, rangeOf } from './conditions'

const IMMUTABLE = 'public, max-age=31536000, immutable'

/** A picture is an image and nothing else, whatever a browser is talked into opening it as. */
const HEADERS = {
  'Content-Type': PICTURE_TYPE,
  'Content-Disposition': 'attachment; filename="picture.webp"',
  'Content-Security-Policy': "sandbox; default-src 'none'; frame-ancestors 'none'",
  // Extension pages are another origin, and may want to be isolated.
  'Cross-Origin-Resource-Policy': 'cross-origin',
  'Cache-Control': IMMUTABLE,
  'Accept-Ranges': 'bytes',
}

interface Asked {
  key: string
  hash: string
  request: Request
}

/**
 * Answers `GET` and `HEAD` for a picture: whole, a range of it, or that the asker has it already.
 *
 * @throws {ProblemError} `not_found`, `range_not_satisfiable`.
 */
export async function servePicture(bucket: PictureBucket, { key, hash, request }: Asked): Promise<Response> {
  // Asked first, because a picture that was removed must not be called unchanged.
  const found = await bucket.head(key)
  if (!found) throw new ProblemError('not_found')
  const etag = `"${hash}"`
  const headers = new Headers({ ...HEADERS, ETag: etag })
  const header = (name: string) => request.headers.get(name) ?? undefined
  if (isKnown(header('If-None-Match'), etag)) return new Response(null, { status: 304, headers })
  if (request.method === 'HEAD') {
    headers.set('Content-Length', String(found.size))
    return new Response(null, { headers })
  }
  const isSame = (header('If-Range') ?? etag) === etag
  const range = isSame ? rangeOf(header('Range'), found.size) : undefined
  if (range === 'unsatisfiable') {
    // By ourselves: R2 would give the whole file as 206.
    const answer = { 'Content-Range': `bytes */${found.size}`, 'Cache-Control': 'no-store' }
    throw new ProblemError('range_not_satisfiable', { headers: answer })
  }
  const object = await bucket.get(key, range && { range })
  if (!object) throw new ProblemError('not_found')
  headers.set('Content-Length', String(range ? range.length : object.size))
  if (!range) return new Response(object.body, { headers })
  const { offset, length } = range
  headers.set('Content-Range', `bytes ${offset}-${offset + length - 1}/${object.size}`)
  return new Response(object.body, { status: 206, headers })
}
