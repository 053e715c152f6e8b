import type { NameAvailability } from '../../protocol/api'
import { ControlError, type IdentityView } from '../../protocol/control'
import { tidyName } from '../../protocol/display-name-check'
import type { Identity } from './identity'
import type { WorkerApi } from './worker-api'

interface Wiring {
  worker: Pick<WorkerApi, 'nameAvailability' | 'suggestNames' | 'rename'>
  identity: Pick<Identity, 'asMember' | 'renewPassport' | 'view'>
}

/** The account's display name, and others it could have. Every call rejects with a `ControlError` when it fails. */
export class Names {
  readonly #wiring: Wiring
  /** Ends the question that is on its way. */
  #asking: AbortController | undefined

  constructor(wiring: Wiring) {
    this.#wiring = wiring
  }

  /** Whether the account could take `name` now. The question before is called off: it was about less of a name. */
  async availability(name: string): Promise<NameAvailability> {
    const { worker, identity } = this.#wiring
    this.#asking?.abort()
    const asking = new AbortController()
    this.#asking = asking
    try {
      return await identity.asMember(() => worker.nameAvailability(tidyName(name), asking.signal))
    } finally {
      if (this.#asking === asking) this.#asking = undefined
    }
  }

  /** Some free names; with `like`, some that resemble it. */
  suggest(like?: string): Promise<string[]> {
    return this.#wiring.identity.asMember(() => this.#wiring.worker.suggestNames(like))
  }

  /** Takes `name`. Resolves once the passport says so, too, or will as soon as the Worker can be asked. */
  async rename(name: string): Promise<IdentityView> {
    const { worker, identity } = this.#wiring
    const displayName = await identity.asMember(() => worker.rename(tidyName(name)))
    await identity.renewPassport()
    const view = await identity.view()
    if (view.state !== 'signed-in') throw new ControlError('signed_out')
    return { ...view, displayName }
  }
}
