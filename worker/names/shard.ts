import { utf8 } from '../../protocol/bytes'
import { NAME_SHARDS } from '../limits'
import type { NameShardPort, ObjectNamespace } from '../ports'

/** The shard that decides about a folded name: the first byte of its SHA-256. */
export async function nameShard(
  shards: ObjectNamespace<NameShardPort>,
  fold: string,
): Promise<NameShardPort> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(fold)))
  return shards.getByName(`names-${(digest[0] ?? 0) % NAME_SHARDS}`)
}
