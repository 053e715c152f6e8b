import type { Mail } from '../../scripts/stage/mail-log.ts'

/** Codes as they are mailed: to look for each of 500 among the files of all would take longer than what is tested. */
export function mailedCodes() {
  const known = new Map<string, PromiseWithResolvers<string>>()
  const codeTo = (email: string) => {
    const code = known.get(email) ?? Promise.withResolvers<string>()
    known.set(email, code)
    return code
  }
  return {
    codeFor: (email: string) => codeTo(email).promise,
    onMail: ({ to, body }: Mail) => codeTo(to).resolve(/(?<!\d)\d{6}(?!\d)/.exec(body)?.[0] ?? ''),
  }
}
