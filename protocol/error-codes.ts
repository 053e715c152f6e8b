/** Every `code` the Worker answers with: stable, for programs; the words for people are the client's. */
export const ERROR_CODES = [
  'invalid_request',
  'body_too_large',
  'not_found',
  'method_not_allowed',
  'origin_not_allowed',
  'rate_limited',
  /** The code is wrong, expired, used, or never was: deliberately one answer. */
  'code_refused',
  /** Five tries are used up for this address on this device. */
  'code_attempts_exhausted',
  /** Too many live sign-ins for this address from this network, or too many in a day. */
  'code_requests_exhausted',
  /** The mail with the code could not be handed over: try again in a while. */
  'mail_unavailable',
  /** The device's assertion does not hold, or the account has ended the device: sign in again. */
  'device_refused',
  'token_invalid',
  'proof_invalid',
  /** Repeat the request with the nonce in `DPoP-Nonce` (RFC 9449 §8). */
  'use_dpop_nonce',
  'ticket_refused',
  'name_taken',
  'name_not_allowed',
  'internal',
] as const

export type ErrorCode = (typeof ERROR_CODES)[number]
