import type { MailBinding } from './mailer'
import type {
  AccountPort,
  MailboxPort,
  NameShardPort,
  NetworkPort,
  ObjectNamespace,
  PictureBucket,
  ReportsPort,
  RoomPort,
} from './ports'
import type { TwitchRegistryPort } from './twitch/ports'

/** What the Worker is given: bindings and variables of `wrangler.toml`, and its secrets. */
export interface Env {
  MAILBOXES: ObjectNamespace<MailboxPort>
  ACCOUNTS: ObjectNamespace<AccountPort>
  NAMES: ObjectNamespace<NameShardPort>
  ROOMS: ObjectNamespace<RoomPort>
  TWITCH_IDS: ObjectNamespace<TwitchRegistryPort>
  NETWORKS: ObjectNamespace<NetworkPort>
  REPORTS: ObjectNamespace<ReportsPort>
  PICTURES: PictureBucket
  EMAIL: MailBinding

  /** Secret. JSON of a JWK Set of private Ed25519 keys (RFC 8037) with `kid`; see `keys.ts`. */
  SIGNING_KEYS: string
  /** Secret. 32 bytes, base64url. Keys the pseudonyms of addresses and networks, and the codes' hashes. */
  PEPPER: string
  /** Secret. 32 bytes, base64url. Keys the server nonces. */
  NONCE_KEY: string
  /** Secret, optional. What coturn's `static-auth-secret` is; with `TURN_URLS`. */
  TURN_SECRET?: string
  /** Secret, optional. 32 bytes, base64url. What the operator shows at `/admin`; without it there is no such place. */
  ADMIN_KEY?: string
  /** Secret, optional. The API token of Cloudflare's TURN key `TURN_KEY_ID`. */
  TURN_KEY_TOKEN?: string

  /** Secret, optional. Of our application at Twitch `TWITCH_CLIENT_ID`. */
  TWITCH_CLIENT_SECRET?: string
  /** Secret; optional where no Twitch account can be linked. Seals what is kept of them; see `twitch/sealing.ts`. */
  SEALING_KEYS?: string

  /** Chrome extension ids, separated by spaces. */
  EXTENSION_IDS: string
  /** Empty: the request's own origin. */
  PUBLIC_ORIGIN: string
  /** `stun:` URLs, separated by spaces. */
  STUN_URLS: string
  /** `turn:` and `turns:` URLs of a coturn, separated by spaces. Empty: Cloudflare's, or no relay. */
  TURN_URLS: string
  /** A TURN key of Cloudflare Realtime. Empty: none. */
  TURN_KEY_ID: string
  /** Where its credentials are made. */
  TURN_API: string
  MAIL_FROM: string
  /** Where to tell of abuse: a `mailto:` or `https:` URL. Empty: nowhere is named. */
  ABUSE_CONTACT: string
  /** Firefox extension ids, separated by spaces. */
  FIREFOX_IDS: string
  /** Our application at Twitch. Empty: no Twitch account can be linked. */
  TWITCH_CLIENT_ID: string
  /** Twitch's OpenID provider. */
  TWITCH_ISSUER: string
  /** Twitch's API (Helix). */
  TWITCH_API: string
  /** Mails that one network may ask for at once. Empty: `NETWORK_MAILS`. */
  MAILS_PER_NETWORK: string
}

/** The words of a variable that lists things. */
export const wordsOf = (list: string): string[] => list.split(/\s+/).filter((word) => word !== '')

/** The origin under which clients know the Worker: what tokens name and proofs are made for. */
export function publicOrigin(env: Env, request: Request): string {
  return new URL(env.PUBLIC_ORIGIN === '' ? request.url : env.PUBLIC_ORIGIN).origin
}
