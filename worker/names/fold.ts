import unhomoglyph from 'unhomoglyph'

/** Full case folding, as near as JavaScript has it: `ß`, `ẞ` and `SS` meet, and so do all three sigmas. */
const foldCase = (text: string): string => text.toUpperCase().toLowerCase().replaceAll('ς', 'σ')

/** The skeleton of UTS #39 §4: two texts that look alike have the same. */
const skeleton = (text: string): string =>
  unhomoglyph(text.normalize('NFD').replace(/\p{Default_Ignorable_Code_Point}/gu, '')).normalize('NFD')

/** `I` looks like `l` and is an `i`, so these are one; a dot above them, or above a `j`, is no difference. */
const mergeLetterI = (text: string): string =>
  // Other marks may stand between: canonical order puts some of them before the dot.
  text.replace(/[iı]/g, 'l').replace(/([lj]\p{M}*?)\u0307/gu, '$1')

/** Each step can bring forth what another changes (`M` → `m` → `rn`); all that Unicode has settles within four. */
const MAX_PASSES = 8

/**
 * How a text looks, whatever its letter case: skeleton, then compatibility forms (NFKC) and case, until nothing
 * changes. For comparison alone; nobody is shown it.
 */
export function lookOf(text: string): string {
  let look = text
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const next = mergeLetterI(foldCase(skeleton(look).normalize('NFKC')).normalize('NFD'))
    if (next === look) break
    look = next
  }
  return look
}

/**
 * The keys of a name in the registry, one or two, in order: how it looks as written, and how it looks with its letter
 * case folded. No two accounts share one. Two are needed where capital and small letter look like different letters of
 * another script: `ΝΙΝΑ` is taken where `NINA` is, and where `νινα` is, while those two are different names.
 */
export function nameFolds(name: string): string[] {
  const folds = [lookOf(name), lookOf(foldCase(name.normalize('NFKC')))]
  return [...new Set(folds)].sort()
}
