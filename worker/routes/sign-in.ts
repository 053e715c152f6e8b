import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { accountSchema, codeRequestSchema, codeResponseSchema, verifyRequestSchema } from '../../protocol/api'
import type { AppEnv } from '../app-env'
import { addressPseudonym } from '../auth/address'
import { verifyAssertion } from '../auth/assertion'
import { publicOrigin } from '../env'
import { bindingMailer } from '../mailer'
import { networkPseudonym } from '../network'
import { ProblemError } from '../problem'
import { refuseInvalid } from './refuse-invalid'
import { answers, json, jsonBody, provenAnswers, refusal } from './responses'

const requestCode = createRoute({
  method: 'post',
  path: '/auth/code',
  description: 'Mails a one-time code. The answer is the same whether or not the address has an account.',
  request: jsonBody(codeRequestSchema),
  responses: answers({
    202: json(codeResponseSchema, 'A code is on its way'),
    503: refusal('`mail_unavailable`'),
  }),
})

const verifyCode = createRoute({
  method: 'post',
  path: '/auth/verify',
  description:
    'Trades a code for an account, created if need be, and registers the device that signs the assertion.',
  request: jsonBody(verifyRequestSchema),
  responses: provenAnswers({ 200: json(accountSchema, 'Signed in'), 403: refusal('`code_refused`') }),
})

/** Sign-in by one-time code. */
export const signInRoutes = new OpenAPIHono<AppEnv>({ defaultHook: refuseInvalid })
  .openapi(requestCode, async (c) => {
    const { email, device } = c.req.valid('json')
    const mailbox = c.env.MAILBOXES.getByName(await addressPseudonym(c.env.PEPPER, email))
    const network = await networkPseudonym(c.env.PEPPER, c.req.raw, 'codes')
    const issue = await mailbox.issueCode({ device, network })
    if (issue.outcome !== 'issued') {
      const { outcome, retryAfter } = issue
      const code = outcome === 'attempts-exhausted' ? 'code_attempts_exhausted' : 'code_requests_exhausted'
      throw new ProblemError(code, { retryAfter })
    }
    await bindingMailer(c.env)
      .sendCode(email, issue.code)
      .catch(async () => {
        await mailbox.withdrawCode(issue.id)
        throw new ProblemError('mail_unavailable', { retryAfter: 30 })
      })
    return c.json({ expiresAt: issue.expiresAt }, 202)
  })
  .openapi(verifyCode, async (c) => {
    const { email, code, device, seal, assertion } = c.req.valid('json')
    const proved = await verifyAssertion(assertion, {
      audience: publicOrigin(c.env, c.req.raw),
      nonceKey: c.env.NONCE_KEY,
      now: Date.now(),
    })
    if (proved.device !== device || proved.subject !== device) throw new ProblemError('device_refused')
    const mailbox = c.env.MAILBOXES.getByName(await addressPseudonym(c.env.PEPPER, email))
    const redemption = await mailbox.redeemCode({ device, code })
    if (redemption.outcome === 'refused') throw new ProblemError('code_refused')
    if (redemption.outcome === 'attempts-exhausted') {
      throw new ProblemError('code_attempts_exhausted', { retryAfter: redemption.retryAfter })
    }
    const { account } = redemption
    const { displayName } = await c.env.ACCOUNTS.getByName(account).register({ account, device, seal })
    return c.json({ accountId: account, displayName }, 200)
  })
