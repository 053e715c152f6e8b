import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Mail } from './mail-log.ts'
import { until } from './until.ts'

/** Where a local Worker's mails lie: one readable file each, `<time>-<to>.txt`. */
export interface Outbox {
  readonly dir: string
  /**
   * The six-digit code in the newest mail to this address.
   *
   * @param after milliseconds since the epoch; only mails written later count. Take `Date.now()` before asking for a code,
   *   or an earlier one may be returned.
   * @throws when none arrives within `timeout` milliseconds (15 000).
   */
  waitForCode(email: string, options?: { after?: number; timeout?: number }): Promise<string>
}

const timeLength = '2026-01-01T00-00-00.000Z'.length

/** Opens an outbox for reading. Any process may, while another one fills it. */
export function openOutbox(dir: string): Outbox {
  return {
    dir,
    waitForCode: (email, { after = 0, timeout = 15_000 } = {}) =>
      until(
        async () => {
          const newest = (await readdir(dir))
            .filter((name) => name.slice(timeLength + 1) === `${fileSafe(email)}.txt` && timeOf(name) > after)
            .sort()
            .at(-1)
          if (!newest) return undefined
          const [, body] = (await readFile(join(dir, newest), 'utf8')).split(/\n\n(.*)/s)
          return /(?<!\d)\d{6}(?!\d)/.exec(body ?? '')?.[0]
        },
        { what: `a code mailed to ${email} in ${dir}`, timeout },
      ),
  }
}

/** A writer that files mails in an outbox and tells the path, each with a time of its own so that names sort in order of arrival. */
export async function fillOutbox(dir: string): Promise<(mail: Mail) => Promise<string>> {
  await mkdir(dir, { recursive: true })
  let last = 0
  return async ({ to, subject, body }) => {
    last = Math.max(Date.now(), last + 1)
    const file = join(dir, `${new Date(last).toISOString().replaceAll(':', '-')}-${fileSafe(to)}.txt`)
    await writeFile(`${file}.part`, `To: ${to}\nSubject: ${subject}\n\n${body}\n`)
    await rename(`${file}.part`, file)
    return file
  }
}

function fileSafe(email: string): string {
  return email.toLowerCase().replace(/[^a-z0-9@._+-]/g, '_')
}

function timeOf(name: string): number {
  return Date.parse(name.slice(0, timeLength).replace(/T(\d\d)-(\d\d)-/, 'T$1:$2:'))
}
