import { app } from './app'
import type { Env } from './env'

export { Account } from './objects/account'
export { Mailbox } from './objects/mailbox'
export { NameShard } from './objects/name-shard'
export { Network } from './objects/network'
export { Reports } from './objects/reports'
export { Room } from './objects/room'
export { TwitchRegistry } from './objects/twitch-registry'

export default {
  fetch: (request, env: Env, ctx) => app.fetch(request, env, ctx),
} satisfies ExportedHandler<Cloudflare.Env>
