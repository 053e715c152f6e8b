import type { Env } from './env'

/** What Hono hands to every handler. */
export interface AppEnv {
  Bindings: Env
}
