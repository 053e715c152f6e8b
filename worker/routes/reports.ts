import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { reportRequestSchema } from '../../protocol/api'
import { fromBase64Url } from '../../protocol/bytes'
import { MAX_CLOCK_AHEAD_MS, MAX_REPORT_AGE_MS } from '../../protocol/limits'
import { messageId, type SignedBytes } from '../../protocol/message'
import { keySetOf, type Passport, verifyPassport, verifyPassportAt } from '../../protocol/passport'
import { decodeReport, evidenceIn, type Report, reporterOf } from '../../protocol/report'
import type { AppEnv } from '../app-env'
import type { Env } from '../env'
import { keysOf } from '../keys'
import { networkPseudonym } from '../network'
import { ProblemError } from '../problem'
import { refuseInvalid } from './refuse-invalid'
import { answers, jsonBody, refusal } from './responses'

/** The one object that keeps them. */
export const REPORTS_OBJECT = 'reports'

const send = createRoute({
  method: 'post',
  path: '/reports',
  description:
    'Takes a report of a room in which no moderator is. It carries its reporter’s passport and is signed by that device’s key, so no token is needed; what the reported account is said to have said counts as far as its own signatures show it.',
  request: jsonBody(reportRequestSchema),
  responses: answers({
    204: { description: 'Kept for the operator' },
    403: refusal('`account_suspended`'),
    413: refusal('`body_too_large`'),
    422: refusal('`report_refused`'),
  }),
})

/** What members tell the operator. */
export const reportRoutes = new OpenAPIHono<AppEnv>({ defaultHook: refuseInvalid }).openapi(
  send,
  async (c) => {
    const { report: encoded, sig } = c.req.valid('json')
    const signed = signedIn(encoded, sig)
    const report = reportIn(signed.bytes)
    const now = Date.now()
    const age = now - report.ms
    if (age > MAX_REPORT_AGE_MS || age < -MAX_CLOCK_AHEAD_MS) throw new ProblemError('report_refused')
    const keys = keySetOf({ keys: [...keysOf(c.env.SIGNING_KEYS).published] })
    const passportAt = (jwt: string, ms: number) => verifyPassportAt(jwt, keys, ms)
    const reporter = await reporterOf(report, signed, async (jwt, ms) => {
      // It has to hold now, too.
      await verifyPassport(jwt, keys, now)
      return passportAt(jwt, ms)
    }).catch(() => {
      throw new ProblemError('report_refused')
    })
    if (reporter.sub === report.account) throw new ProblemError('report_refused')
    await admit(c.env, reporter)
    const reports = c.env.REPORTS.getByName(REPORTS_OBJECT)
    const id = await messageId(signed.bytes)
    const network = await networkPseudonym(c.env.PEPPER, c.req.raw, REPORTS_OBJECT)
    // What came along takes dozens of signatures to check: only now that it is known whose pace they cost.
    const wait = await reports.admit(id, reporter.sub, network)
    if (wait === 'known') return c.body(null, 204)
    if (wait > 0) throw new ProblemError('rate_limited', { retryAfter: wait })
    const { room, account, name, reason, words } = report
    const { name: proven, ...evidence } = await evidenceIn(report, passportAt)
    await reports.add({
      id,
      at: now,
      room,
      reporter: { accountId: reporter.sub, name: reporter.name },
      account,
      name: proven ?? name,
      reason,
      words,
      ...evidence,
    })
    return c.body(null, 204)
  },
)

function signedIn(report: string, sig: string): SignedBytes {
  try {
    return { bytes: fromBase64Url(report), sig: fromBase64Url(sig) }
  } catch {
    throw new ProblemError('invalid_request')
  }
}

/** A report for the operator. One that was meant for moderators was told them in confidence. */
function reportIn(bytes: Uint8Array): Report {
  try {
    const report = decodeReport(bytes)
    if (report.to === 'operator') return report
  } catch {
    throw new ProblemError('invalid_request')
  }
  throw new ProblemError('report_refused')
}

/** A passport outlives a device that was signed out, and an account that is suspended or gone. */
async function admit(env: Env, { sub, device }: Passport): Promise<void> {
  const account = env.ACCOUNTS.getByName(sub)
  const standing = await account.standing()
  if (standing === 'suspended') throw new ProblemError('account_suspended')
  const devices = standing === 'live' ? await account.devices(device) : []
  if (!devices.some(({ current }) => current)) throw new ProblemError('report_refused')
}
