import { DurableObject } from 'cloudflare:workers'
import type { Env } from '../env'
import { NETWORK_MAILS } from '../limits'
import type { NetworkPort } from '../ports'
import { armAlarm } from './alarm'
import { takeOne } from './gcra'

/**
 * One network, of which only the HMAC is known: it names this object. Counts the mails that it had sent, to whichever
 * addresses, so that nobody writes to the world by us. Empty again when they are paid back.
 */
export class Network extends DurableObject<Env> implements NetworkPort {
  async takeMail(): Promise<number> {
    const { storage } = this.ctx
    const now = Date.now()
    // From here to the write nothing awaits: of however many mails at once, `burst` are granted.
    const grant = takeOne(storage.kv.get<number>('paidAt'), now, this.#pace())
    if ('retryAfter' in grant) return grant.retryAfter
    storage.kv.put('paidAt', grant.paidAt)
    await armAlarm(storage, grant.paidAt)
    return 0
  }

  async giveMailBack(): Promise<void> {
    const { kv } = this.ctx.storage
    const paidAt = kv.get<number>('paidAt')
    if (paidAt !== undefined) kv.put('paidAt', paidAt - this.#pace().everyMs)
  }

  override async alarm(): Promise<void> {
    const { storage } = this.ctx
    const paidAt = storage.kv.get<number>('paidAt') ?? 0
    if (paidAt > Date.now()) await armAlarm(storage, paidAt)
    else await storage.deleteAll()
  }

  #pace() {
    const burst = Number(this.env.MAILS_PER_NETWORK)
    return Number.isInteger(burst) && burst > 0 ? { ...NETWORK_MAILS, burst } : NETWORK_MAILS
  }
}
