import type { Env } from './env'

/** What Hono hands to every handler. */
export interface AppEnv {
  Bindings: Env
  Variables: {
    /** Names this request in the log and in problems. */
    requestId: string
  }
}
