import { z } from './schema'

/** The SHA-256 of a picture's bytes, base64url: names it for ever, and is the `avatar` of passports. */
export const pictureHashSchema = z.string().regex(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/)
