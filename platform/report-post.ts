import { toBase64Url } from '../protocol/bytes'
import { ERROR_CODES } from '../protocol/error-codes'
import type { SignedBytes } from '../protocol/message'
import type { ReportOutcome } from '../protocol/report-view'
import { z } from '../protocol/schema'

/** Nobody waits longer (ms). */
const PATIENCE_MS = 15_000
const problemSchema = z.object({ code: z.enum(ERROR_CODES) })

/** Hands a signed report to the Worker's operator. It shows by itself who sends it, so no token goes along. Never rejects. */
export async function tellOperator({ bytes, sig }: SignedBytes): Promise<ReportOutcome> {
  try {
    const response = await fetch(`${__WORKER_ORIGIN__}/reports`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ report: toBase64Url(bytes), sig: toBase64Url(sig) }),
      credentials: 'omit',
      redirect: 'error',
      referrerPolicy: 'no-referrer',
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
    if (response.ok) return { to: 'operator' }
    const problem = problemSchema.safeParse(await response.json())
    return { failed: problem.data?.code ?? 'internal' }
  } catch {
    return { failed: 'network' }
  }
}
