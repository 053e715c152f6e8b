import type { AccountId } from '../../protocol/device'

/**
 * Where pictures lie in the bucket. The account id is itself a pseudonym, drawn at random and known to every peer: to
 * hash it once more would hide nothing, and tie the bucket to a secret.
 */
export const picturePrefix = (account: AccountId): string => `${account}/`

export const pictureKey = (account: AccountId, hash: string): string => picturePrefix(account) + hash
