import { MAX_NAME_GRAPHEMES, MIN_NAME_GRAPHEMES } from './limits'
import { z } from './schema'

/** Letters, marks, digits, `_`, `-` and `.`: nothing invisible, no white space, no direction marks. */
const ALLOWED = /^[\p{L}\p{M}\p{N}_.-]+$/u
const MAX_NAME_BYTES = 100

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' })

/** A display name in NFC: 3–25 graphemes of the allowed characters. Uniqueness is the Worker's to decide. */
export const displayNameSchema = z
  .string()
  .refine((name) => name.length <= MAX_NAME_BYTES && new TextEncoder().encode(name).length <= MAX_NAME_BYTES)
  .refine((name) => name === name.normalize('NFC'))
  .refine((name) => ALLOWED.test(name))
  .refine((name) => {
    const count = [...graphemes.segment(name)].length
    return count >= MIN_NAME_GRAPHEMES && count <= MAX_NAME_GRAPHEMES
  })
