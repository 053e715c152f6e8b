import { connectWorker } from '../../platform/worker-client'
import { Access } from '../../services/identity/access'
import { Identity } from '../../services/identity/identity'
import type { IdentityRecord } from '../../services/identity/kept-identity'
import { Names } from '../../services/identity/names'
import type { WorkerApi } from '../../services/identity/worker-api'
import { newKeys } from './device-keys'

const clock = { now: () => Date.now(), after: () => () => {} }

/** The extension's own client of the Worker, without a browser: what it keeps is in memory. */
export interface Member {
  readonly identity: Identity
  readonly names: Names
  readonly accountId: string
  /** The name as the Worker says it now. */
  ownName(): Promise<string>
}

/** Signs somebody new in. `codeFor`: the code that the Worker mailed to an address. */
export async function newMember(
  origin: string,
  codeFor: (email: string) => Promise<string>,
): Promise<Member> {
  const keys = await newKeys()
  let record: IdentityRecord = {}
  const access: Access = new Access({
    clock,
    audience: origin,
    bearer: () => identity.bearer(),
    requestToken: (assertion) => worker.token(assertion),
  })
  const worker: WorkerApi = connectWorker(origin, access)
  const identity: Identity = new Identity({
    clock,
    random: Math.random,
    worker,
    access,
    store: {
      load: async () => structuredClone(record),
      save: async (saved) => {
        record = structuredClone(saved)
      },
      keys: async () => keys,
      forgetKeys: async () => {},
    },
    onChange: () => {},
  })
  const email = `${crypto.randomUUID()}@example.com`
  await identity.requestCode(email)
  const view = await identity.submitCode(await codeFor(email))
  if (view.state !== 'signed-in') throw new Error('not signed in')
  const ownName = async () => {
    await identity.renewPassport()
    const now = await identity.view()
    if (now.state !== 'signed-in') throw new Error('signed out')
    return now.displayName
  }
  return { identity, names: new Names({ worker, identity }), accountId: view.accountId, ownName }
}
