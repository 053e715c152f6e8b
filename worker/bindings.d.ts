/**
 * The bindings with the runtime's own types, for `env` of `cloudflare:workers` in tests. Must stay assignable
 * to `Env`: `index.ts` checks it.
 */
declare namespace Cloudflare {
  interface GlobalProps {
    mainModule: typeof import('./index')
  }
  interface Env
    extends Omit<
      import('./env').Env,
      'ACCOUNTS' | 'MAILBOXES' | 'NAMES' | 'NETWORKS' | 'ROOMS' | 'TWITCH_IDS' | 'REPORTS' | 'PICTURES'
    > {
    ACCOUNTS: DurableObjectNamespace<import('./objects/account').Account>
    MAILBOXES: DurableObjectNamespace<import('./objects/mailbox').Mailbox>
    NAMES: DurableObjectNamespace<import('./objects/name-shard').NameShard>
    NETWORKS: DurableObjectNamespace<import('./objects/network').Network>
    ROOMS: DurableObjectNamespace<import('./objects/room').Room>
    TWITCH_IDS: DurableObjectNamespace<import('./objects/twitch-registry').TwitchRegistry>
    REPORTS: DurableObjectNamespace<import('./objects/reports').Reports>
    PICTURES: R2Bucket
  }
}
