import { ProblemError } from '../problem'

/** What a schema refuses becomes `invalid_request`, naming the fields but never repeating what was in them. */
export function refuseInvalid(result: {
  success: boolean
  error?: { issues: { path: PropertyKey[] }[] }
}): void {
  if (result.success) return
  const fields = [...new Set(result.error?.issues.map(({ path }) => path.map(String).join('.')) ?? [])]
  throw new ProblemError('invalid_request', {
    detail: `Not as expected: ${fields.filter(Boolean).join(', ') || 'body'}`,
  })
}
