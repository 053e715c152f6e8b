import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { accountSchema, codeRequestSchema, codeResponseSchema, verifyRequestSchema } from '../../protocol/api'
import { canonicalEmail } from '../../protocol/email'
import type { ErrorCode } from '../../protocol/error-codes'
import type { AppEnv } from '../app-env'
import { addressPseudonym } from '../auth/address'
import { verifyAssertion } from '../auth/assertion'
import { keyedHash } from '../auth/keyed-hash'
import { publicOrigin } from '../env'
import { bindingMailer } from '../mailer'
import { networkPseudonym } from '../network'
import type { CodeIssue } from '../ports'
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
    429: refusal('`code_attempts_exhausted`, `code_requests_exhausted`, `code_network_exhausted`'),
    503: refusal('`mail_unavailable`'),
  }),
})

const verifyCode = createRoute({
  method: 'post',
  path: '/auth/verify',
  description:
    'Trades a code for an account, created if need be, and registers the device that signs the assertion. The same device may do so again with the same code, while it lives, to hear the answer again.',
  request: jsonBody(verifyRequestSchema),
  responses: provenAnswers({
    200: json(accountSchema, 'Signed in'),
    403: refusal('`code_refused`, `account_suspended`'),
    429: refusal('`code_attempts_exhausted`'),
  }),
})

const REFUSED: Record<Exclude<CodeIssue['outcome'], 'issued'>, ErrorCode> = {
  'attempts-exhausted': 'code_attempts_exhausted',
  'requests-exhausted': 'code_requests_exhausted',
  'network-exhausted': 'code_network_exhausted',
}

/** How an address knows a browser again. Whoever holds the object's storage cannot make what the browser shows of it. */
const returningHash = async (pepper: string, address: string, returning: string | undefined) =>
  returning === undefined ? undefined : keyedHash(pepper, 'returning', address, returning)

/** @throws ProblemError `invalid_request`, though the schema has let nothing through that is no address. */
function addressOf(email: string): string {
  const address = canonicalEmail(email)
  if (address === undefined) throw new ProblemError('invalid_request')
  return address
}

/** Sign-in by one-time code. */
export const signInRoutes = new OpenAPIHono<AppEnv>({ defaultHook: refuseInvalid })
  .openapi(requestCode, async (c) => {
    const { PEPPER, MAILBOXES } = c.env
    const { email: typed, device, returning } = c.req.valid('json')
    const email = addressOf(typed)
    const address = await addressPseudonym(PEPPER, email)
    const mailbox = MAILBOXES.getByName(address)
    const sender = await networkPseudonym(PEPPER, c.req.raw, 'mails')
    const issue = await mailbox.issueCode({
      device,
      network: await networkPseudonym(PEPPER, c.req.raw, `codes ${address}`),
      sender,
      returning: await returningHash(PEPPER, address, returning),
    })
    if (issue.outcome !== 'issued')
      throw new ProblemError(REFUSED[issue.outcome], { retryAfter: issue.retryAfter })
    await bindingMailer(c.env)
      .sendCode(email, issue.code)
      .catch(async () => {
        await mailbox.withdrawCode(issue.id, sender)
        throw new ProblemError('mail_unavailable', { retryAfter: 30 })
      })
    return c.json({ expiresAt: issue.expiresAt }, 202)
  })
  .openapi(verifyCode, async (c) => {
    const { PEPPER, MAILBOXES, ACCOUNTS } = c.env
    const { email, code, device, seal, assertion, returning, platform } = c.req.valid('json')
    const proved = await verifyAssertion(assertion, {
      audience: publicOrigin(c.env, c.req.raw),
      nonceKey: c.env.NONCE_KEY,
      now: Date.now(),
    })
    if (proved.device !== device || proved.subject !== device) throw new ProblemError('device_refused')
    const address = await addressPseudonym(PEPPER, addressOf(email))
    const mailbox = MAILBOXES.getByName(address)
    const redemption = await mailbox.redeemCode({
      device,
      code,
      returning: await returningHash(PEPPER, address, returning),
    })
    if (redemption.outcome === 'refused') throw new ProblemError('code_refused')
    if (redemption.outcome === 'attempts-exhausted') {
      throw new ProblemError('code_attempts_exhausted', { retryAfter: redemption.retryAfter })
    }
    const standing = await ACCOUNTS.getByName(redemption.account).standing()
    if (standing === 'suspended') throw new ProblemError('account_suspended')
    // A code that was spent before may say its answer again, and start nothing.
    if (standing !== 'live' && redemption.again) throw new ProblemError('code_refused')
    // One that is about to be gone is nobody's any more: the address starts anew.
    const account = standing === 'live' ? redemption.account : await mailbox.accountAfter(redemption.account)
    const added = { account, mailbox: address, device, seal, platform }
    const { displayName } = await ACCOUNTS.getByName(account).register(added)
    return c.json({ accountId: account, displayName }, 200)
  })
