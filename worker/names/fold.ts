/**
 * What makes two names one: compatibility forms (NFKC) and letter case (Unicode's full folding, approximated by
 * upper then lower case so that `ß` and `SS` meet) do not count. The registry's key.
 */
export function foldName(name: string): string {
  return name.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC')
}
