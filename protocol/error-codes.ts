/** Every `code` the Worker answers with: stable, for programs; the words for people are the client's. */
export const ERROR_CODES = [
  'invalid_request',
  'body_too_large',
  /** A body of another media type than the route takes. */
  'unsupported_media_type',
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
  /** Too many mails were asked for from this network, to whichever addresses. */
  'code_network_exhausted',
  /** The mail with the code could not be handed over: try again in a while. */
  'mail_unavailable',
  /** The device's assertion does not hold, or the account has ended the device: sign in again. */
  'device_refused',
  /** The operator has suspended the account: nothing is given out to its devices until that ends. */
  'account_suspended',
  'token_invalid',
  'proof_invalid',
  /** Repeat the request with the nonce in `DPoP-Nonce` (RFC 9449 §8). */
  'use_dpop_nonce',
  'ticket_refused',
  'name_taken',
  'name_not_allowed',
  /** The name was changed `MAX_RENAMES_PER_DAY` times within 24 hours. */
  'renames_exhausted',
  /** More than `MAX_PICTURE_BYTES`. */
  'picture_too_large',
  'picture_not_webp',
  /** Not exactly `PICTURE_PIXELS` wide and high. */
  'picture_wrong_size',
  'picture_animated',
  /** EXIF, XMP or a colour profile: they may tell where and with what a picture was taken. */
  'picture_has_metadata',
  /** Structure or image data that no encoder of ours writes. */
  'picture_broken',
  /** `Range` asks for bytes beyond the end (RFC 9110 §15.5.17). */
  'range_not_satisfiable',
  /** Twitch cannot be reached or failed, or the operator has set no linking up. */
  'twitch_unavailable',
  /** Somebody said no on Twitch's page. */
  'twitch_cancelled',
  /** That Twitch account is linked to another account of ours. */
  'twitch_taken',
  /** That Twitch account was unlinked from another account of ours within the last day. */
  'twitch_on_hold',
  /** The attempt to link is over, was used before, or another device's: deliberately one answer. */
  'twitch_attempt_refused',
  /** There is no Twitch account linked that could be shown. */
  'twitch_not_linked',
  /** The report does not hold: passport, signature, age or what it is about; deliberately one answer. */
  'report_refused',
  'internal',
] as const

const CODES: ReadonlySet<string> = new Set(ERROR_CODES)
export const isErrorCode = (code: string): code is ErrorCode => CODES.has(code)

export type ErrorCode = (typeof ERROR_CODES)[number]
