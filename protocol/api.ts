import { accountIdSchema, deviceIdSchema } from './device'
import { displayNameSchema } from './display-name'
import { CODE_DIGITS, MAX_EMAIL_LENGTH, MAX_PASSPORT_BYTES } from './limits'
import { epochMs, z } from './schema'

/**
 * Bodies of the Worker's routes, both directions. Times are ms since the epoch on the Worker's clock.
 * A device proves itself with an assertion: a JWT signed by its key (RFC 7523 §3), `typ` ASSERTION_TYPE.
 */
export const ASSERTION_TYPE = 'sidestream-assertion+jwt'
export const ACCESS_TOKEN_TYPE = 'at+jwt'
export const DPOP_TYPE = 'dpop+jwt'

export const emailSchema = z
  .string()
  .trim()
  .max(MAX_EMAIL_LENGTH)
  .refine((address) => /^[^\s@<>"',;:()[\]\\]+@[^\s@<>"',;:()[\]\\]+\.[^\s@<>"',;:()[\]\\.]+$/.test(address))

export const codeSchema = z.string().regex(new RegExp(`^\\d{${CODE_DIGITS}}$`))

/** X25519 public key, raw, base64url. */
export const sealKeySchema = z.string().regex(/^[A-Za-z0-9_-]{43}$/)

/** `POST /auth/code`: mail a one-time code. Answers 202 alike for known and unknown addresses. */
export const codeRequestSchema = z.object({ email: emailSchema, device: deviceIdSchema })
export const codeResponseSchema = z.object({ expiresAt: epochMs })

/** `POST /auth/verify`: trade the code for an account; registers the device that signs `assertion`. */
export const verifyRequestSchema = z.object({
  email: emailSchema,
  code: codeSchema,
  device: deviceIdSchema,
  seal: sealKeySchema,
  assertion: z.string().max(2_048),
})
export const accountSchema = z.object({ accountId: accountIdSchema, displayName: displayNameSchema })
export type Account = z.infer<typeof accountSchema>

/** `POST /auth/token`: the registered device key is the session; no refresh token exists. */
export const tokenRequestSchema = z.object({ assertion: z.string().max(2_048) })
export const tokenResponseSchema = z.object({
  accessToken: z.string(),
  tokenType: z.literal('DPoP'),
  /** Seconds. */
  expiresIn: z.int().positive(),
  serverTime: epochMs,
})
export type TokenResponse = z.infer<typeof tokenResponseSchema>

/** `POST /passport` (DPoP). */
export const passportResponseSchema = z.object({
  passport: z.string().max(MAX_PASSPORT_BYTES),
  expiresAt: epochMs,
})

/** `GET` and `PUT /user/display-name` (DPoP). */
export const displayNameBodySchema = z.object({ displayName: displayNameSchema })

/** `POST /rooms/:room/ticket` (DPoP): opens one socket within 30 s. */
export const ticketResponseSchema = z.object({ ticket: z.string().max(2_048), expiresAt: epochMs })

/** `GET /ice` (DPoP): what `RTCPeerConnection` takes as `iceServers`, and until when it may be used. */
export const iceResponseSchema = z.object({
  /** ms since the epoch; at most an hour from now. */
  expiresAt: epochMs,
  iceServers: z.array(
    z.object({
      urls: z.array(z.string()),
      username: z.string().exactOptional(),
      credential: z.string().exactOptional(),
    }),
  ),
})
export type IceServers = z.infer<typeof iceResponseSchema>['iceServers']

/** `GET /health`. */
export const healthSchema = z.object({ ok: z.literal(true), version: z.string(), serverTime: epochMs })
