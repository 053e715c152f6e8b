import { nameFault } from './display-name-check'
import { z } from './schema'

/** A display name in NFC: 3–25 graphemes of the allowed characters. Uniqueness is the Worker's to decide. */
export const displayNameSchema = z.string().refine((name) => nameFault(name) === null)
