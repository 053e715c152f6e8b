import type { ControlErrorCode } from '../protocol/control'

/** Why a sign-in step failed. `retryAfter` in seconds. */
export interface IdentityProblem {
  code: ControlErrorCode
  retryAfter?: number
}

/** Spelt out here because the schema that knows the codes would bring a validator into the page. */
const CODES: Record<ControlErrorCode, true> = {
  invalid_request: true,
  body_too_large: true,
  unsupported_media_type: true,
  not_found: true,
  method_not_allowed: true,
  origin_not_allowed: true,
  rate_limited: true,
  code_refused: true,
  code_attempts_exhausted: true,
  code_requests_exhausted: true,
  code_network_exhausted: true,
  mail_unavailable: true,
  device_refused: true,
  account_suspended: true,
  token_invalid: true,
  proof_invalid: true,
  use_dpop_nonce: true,
  ticket_refused: true,
  name_taken: true,
  name_not_allowed: true,
  renames_exhausted: true,
  picture_too_large: true,
  picture_not_webp: true,
  picture_wrong_size: true,
  picture_animated: true,
  picture_has_metadata: true,
  picture_broken: true,
  range_not_satisfiable: true,
  twitch_unavailable: true,
  twitch_cancelled: true,
  twitch_taken: true,
  twitch_on_hold: true,
  twitch_attempt_refused: true,
  twitch_not_linked: true,
  report_refused: true,
  internal: true,
  worker_unreachable: true,
  signed_out: true,
}

const isCode = (code: unknown): code is ControlErrorCode =>
  typeof code === 'string' && Object.hasOwn(CODES, code)

/** What a rejected call of the control plane means; anything unheard of is `internal`. */
export function identityProblem(error: unknown): IdentityProblem {
  if (!(error instanceof Error) || !('code' in error) || !isCode(error.code)) return { code: 'internal' }
  const { code } = error
  const retryAfter = 'retryAfter' in error ? error.retryAfter : undefined
  return typeof retryAfter === 'number' ? { code, retryAfter } : { code }
}
