import type { ErrorCode } from '../protocol/error-codes'
import type { Problem } from '../protocol/errors'

type Status = 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 416 | 422 | 426 | 429 | 500 | 503

const CATALOGUE: Record<ErrorCode, { status: Status; title: string }> = {
  invalid_request: { status: 400, title: 'The request is malformed' },
  body_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The body is of a type that is not taken here' },
  not_found: { status: 404, title: 'There is nothing here' },
  method_not_allowed: { status: 405, title: 'This method is not allowed here' },
  origin_not_allowed: { status: 403, title: 'This origin may not call the Worker' },
  rate_limited: { status: 429, title: 'Too many requests' },
  code_refused: { status: 403, title: 'The code does not hold' },
  code_attempts_exhausted: { status: 429, title: 'Too many wrong codes' },
  code_requests_exhausted: { status: 429, title: 'Too many codes were asked for' },
  code_network_exhausted: { status: 429, title: 'Too many codes were asked for from this network' },
  mail_unavailable: { status: 503, title: 'The mail could not be sent' },
  device_refused: { status: 401, title: 'The device is not signed in' },
  account_suspended: { status: 403, title: 'The account is suspended' },
  token_invalid: { status: 401, title: 'The access token does not hold' },
  proof_invalid: { status: 401, title: 'The proof of possession does not hold' },
  use_dpop_nonce: { status: 401, title: 'Repeat with the nonce in DPoP-Nonce' },
  ticket_refused: { status: 401, title: 'The ticket does not hold' },
  name_taken: { status: 409, title: 'The name is taken' },
  name_not_allowed: { status: 422, title: 'The name is not allowed' },
  renames_exhausted: { status: 429, title: 'The name was changed too often' },
  picture_too_large: { status: 413, title: 'The picture is too large' },
  picture_not_webp: { status: 415, title: 'The picture is not a WebP file' },
  picture_wrong_size: { status: 422, title: 'The picture is not 256 pixels wide and high' },
  picture_animated: { status: 422, title: 'The picture is animated' },
  picture_has_metadata: { status: 422, title: 'The picture holds more than an image' },
  picture_broken: { status: 422, title: 'The picture cannot be decoded' },
  range_not_satisfiable: { status: 416, title: 'Nothing is in that range' },
  twitch_unavailable: { status: 503, title: 'Twitch cannot be asked' },
  twitch_cancelled: { status: 403, title: 'The viewer said no at Twitch' },
  twitch_taken: { status: 409, title: 'That Twitch account is linked to another account' },
  twitch_on_hold: { status: 409, title: 'That Twitch account was another account’s until lately' },
  twitch_attempt_refused: { status: 403, title: 'The attempt to link does not hold' },
  twitch_not_linked: { status: 409, title: 'No Twitch account is linked' },
  report_refused: { status: 422, title: 'The report does not hold' },
  internal: { status: 500, title: 'Something went wrong on our side' },
}

export interface ProblemOptions {
  /** For developers; never holds what the client sent. */
  detail?: string
  /** Seconds. */
  retryAfter?: number
  /** Instead of the code's usual status. */
  status?: Status
  headers?: Record<string, string>
}

/** Thrown anywhere in a request, answered as problem details. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly code: ErrorCode
  readonly options: ProblemOptions

  constructor(code: ErrorCode, options: ProblemOptions = {}) {
    super(code)
    this.code = code
    this.options = options
  }
}

/** What a `code` means, and with what status it is answered as a rule. */
export const problemOf = (code: ErrorCode): Readonly<{ status: number; title: string }> => CATALOGUE[code]

/** The answer for a `code`: RFC 9457, with `Retry-After` and `WWW-Authenticate` (RFC 9449 §7.1) where they belong. */
export function problemResponse(code: ErrorCode, options: ProblemOptions = {}): Response {
  const { title, status: usual } = CATALOGUE[code]
  const { detail, retryAfter, status = usual, headers = {} } = options
  const problem: Problem = {
    type: `urn:sidestream:problem:${code}`,
    title,
    status,
    code,
    ...(detail === undefined ? {} : { detail }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  }
  return new Response(JSON.stringify(problem), {
    status,
    headers: {
      'Content-Type': 'application/problem+json',
      ...(retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) }),
      ...challengeOf(code),
      ...headers,
    },
  })
}

function challengeOf(code: ErrorCode): Record<string, string> {
  const error = {
    token_invalid: 'invalid_token',
    proof_invalid: 'invalid_dpop_proof',
    use_dpop_nonce: 'use_dpop_nonce',
    device_refused: 'invalid_token',
  }[code as string]
  return error === undefined ? {} : { 'WWW-Authenticate': `DPoP algs="EdDSA Ed25519", error="${error}"` }
}
