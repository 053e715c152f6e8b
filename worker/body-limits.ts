import { bodyLimit } from 'hono/body-limit'
import { createMiddleware } from 'hono/factory'
import type { ErrorCode } from '../protocol/error-codes'
import { MAX_BODY_BYTES, MAX_PICTURE_BYTES } from '../protocol/limits'
import type { AppEnv } from './app-env'
import { problemResponse } from './problem'

interface BodyLimit {
  bytes: number
  /** What a larger one is refused with. */
  code: ErrorCode
}

/** Routes that take more than a small JSON body, as `METHOD /path`. */
const LARGER_BODIES: Readonly<Record<string, BodyLimit>> = {
  'POST /reports': { bytes: 9_000, code: 'body_too_large' },
  'POST /user/profile-picture': { bytes: MAX_PICTURE_BYTES, code: 'picture_too_large' },
}

const limited = ({ bytes, code }: BodyLimit) =>
  bodyLimit({ maxSize: bytes, onError: () => problemResponse(code) })

const usual = limited({ bytes: MAX_BODY_BYTES, code: 'body_too_large' })
const larger = new Map(Object.entries(LARGER_BODIES).map(([route, limit]) => [route, limited(limit)]))

/** Refuses a body that is too large: by its announced length before a byte is read, else as soon as it has grown so. */
export const bodyLimits = createMiddleware<AppEnv>((c, next) =>
  (larger.get(`${c.req.method} ${c.req.path}`) ?? usual)(c, next),
)
