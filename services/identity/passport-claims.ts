import { decodeJwt } from 'jose'
import { displayNameSchema } from '../../protocol/display-name'
import { pictureHashSchema } from '../../protocol/picture-hash'
import { z } from '../../protocol/schema'

const claimsSchema = z.object({ name: displayNameSchema })
const avatarSchema = z.object({ avatar: pictureHashSchema.exactOptional() })

/** The name in a passport that the Worker has just given us; `undefined` where it cannot be read. Checks no signature. */
export function nameIn(jwt: string): string | undefined {
  try {
    return claimsSchema.parse(decodeJwt(jwt)).name
  } catch {
    return undefined
  }
}

/** The picture that our own passport names, if any. Checks no signature. */
export function avatarIn(jwt: string | undefined): { avatar?: string } {
  try {
    return jwt === undefined ? {} : avatarSchema.parse(decodeJwt(jwt))
  } catch {
    return {}
  }
}
