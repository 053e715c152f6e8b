import { Hono } from 'hono'
import { type AccountId, accountIdSchema } from '../../protocol/device'
import type { AppEnv } from '../app-env'
import { operator } from '../auth/operator'
import type { Env } from '../env'
import { nameFolds } from '../names/fold'
import { nameShard } from '../names/shard'
import { ProblemError } from '../problem'
import { REPORTS_OBJECT } from './reports'

/** Who holds a name or gave it up lately, by the keys of the name that they hold. */
async function holders(env: Env, folds: readonly string[]): Promise<Map<AccountId, string[]>> {
  const found = new Map<AccountId, string[]>()
  for (const fold of folds) {
    const owner = await (await nameShard(env.NAMES, fold)).ownerOf(fold)
    if (owner !== null) found.set(owner, [...(found.get(owner) ?? []), fold])
  }
  return found
}

function accountIn(id: string): AccountId {
  const { data: account } = accountIdSchema.safeParse(id)
  if (account === undefined) throw new ProblemError('invalid_request', { detail: 'Not an account id' })
  return account
}

async function overviewOf(env: Env, account: AccountId) {
  const overview = await env.ACCOUNTS.getByName(account).overview()
  if (!overview) throw new ProblemError('not_found', { detail: 'No such account' })
  return overview
}

/**
 * What only the operator may do, by `npm run admin`. No part of the OpenAPI document or of the client's type. Nothing
 * here shows an address, and no messages but those that came with a report; who is in which room alone the export,
 * which is for the account's owner.
 */
export const adminRoutes = new Hono<AppEnv>()
  .use('/admin/*', operator)
  .get('/admin/accounts/:id', async (c) => c.json(await overviewOf(c.env, accountIn(c.req.param('id')))))
  /** All that is known, for an owner who cannot ask: a suspended account gets nothing by itself. */
  .get('/admin/accounts/:id/export', async (c) => {
    const exported = await c.env.ACCOUNTS.getByName(accountIn(c.req.param('id'))).export()
    if (!exported) throw new ProblemError('not_found', { detail: 'No such account, or it has ended' })
    return c.json(exported)
  })
  /** Ends an account as its owner would: everything goes, and the address starts anew, suspended or not. */
  .delete('/admin/accounts/:id', async (c) => {
    const account = accountIn(c.req.param('id'))
    await overviewOf(c.env, account)
    await c.env.ACCOUNTS.getByName(account).end()
    return c.json(await overviewOf(c.env, account))
  })
  /** Puts an account out of service: its tokens and passports count no more. */
  .post('/admin/accounts/:id/suspension', async (c) => suspend(c.env, accountIn(c.req.param('id')), true))
  .delete('/admin/accounts/:id/suspension', async (c) => suspend(c.env, accountIn(c.req.param('id')), false))
  .delete('/admin/accounts/:id/picture', async (c) => {
    const account = c.env.ACCOUNTS.getByName(accountIn(c.req.param('id')))
    if (!(await account.removePicture())) throw new ProblemError('not_found', { detail: 'No picture' })
    // Whoever has the old passport would go on showing it.
    await account.revokePassports()
    return c.body(null, 204)
  })
  /** What members reported, with what was said as evidence: the only messages that an operator sees. */
  .get('/admin/reports', async (c) =>
    c.json({ reports: await c.env.REPORTS.getByName(REPORTS_OBJECT).list() }),
  )
  .get('/admin/names/:name', async (c) => {
    const owners = await holders(c.env, nameFolds(c.req.param('name')))
    const accounts = await Promise.all(
      [...owners.keys()].map((owner) => c.env.ACCOUNTS.getByName(owner).overview()),
    )
    return c.json({ accounts: accounts.filter((account) => account !== null) })
  })
  /** Frees a name for everybody. Whoever has it now gets a generated one. */
  .delete('/admin/names/:name', async (c) => {
    const owners = await holders(c.env, nameFolds(c.req.param('name')))
    if (owners.size === 0) throw new ProblemError('not_found', { detail: 'Nobody has this name' })
    const renamed: { accountId: AccountId; displayName: string }[] = []
    for (const [accountId, folds] of owners) {
      const displayName = await c.env.ACCOUNTS.getByName(accountId).loseName(folds)
      if (displayName !== null) renamed.push({ accountId, displayName })
      for (const fold of folds) await (await nameShard(c.env.NAMES, fold)).free(fold, accountId)
    }
    return c.json({ renamed })
  })

async function suspend(env: Env, account: AccountId, suspended: boolean): Promise<Response> {
  if (!(await env.ACCOUNTS.getByName(account).setSuspended(suspended)))
    throw new ProblemError('not_found', { detail: 'No such account' })
  return Response.json(await overviewOf(env, account))
}
