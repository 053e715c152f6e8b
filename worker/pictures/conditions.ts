/** Bytes of a picture that a request asks for. */
export interface ByteRange {
  offset: number
  length: number
}

/** Whether `If-None-Match` names what we have (RFC 9110 §13.1.2, weak comparison). `etag` with its quotes. */
export function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  if (ifNoneMatch.trim() === '*') return true
  return ifNoneMatch.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag)
}

/**
 * The one range that `Range` asks for of `size` bytes (RFC 9110 §14.2). `undefined`: all of it, also where several
 * ranges are asked for or the header makes no sense. `unsatisfiable`: nothing of what is there.
 */
export function rangeOf(range: string | undefined, size: number): ByteRange | 'unsatisfiable' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/i.exec(range?.trim() ?? '') ?? []
  if (first === '' && last === '') return undefined
  if (first === '') {
    const length = Math.min(Number(last), size)
    return length === 0 ? 'unsatisfiable' : { offset: size - length, length }
  }
  const offset = Number(first)
  if (last !== '' && Number(last) < offset) return undefined
  if (offset >= size) return 'unsatisfiable'
  const end = last === '' ? size : Math.min(Number(last) + 1, size)
  return { offset, length: end - offset }
}
