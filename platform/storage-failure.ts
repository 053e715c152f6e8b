import { StorageError } from '../protocol/storage-error'

/** Whatever a database threw, as callers know it. */
export function asStorageError(error: unknown): StorageError {
  if (error instanceof StorageError) return error
  return new StorageError(isQuotaExceeded(error) ? 'full' : 'unavailable', error)
}

/** Whether the disk is full. Browsers say so in the failed request or only as the reason of an abort; Dexie wraps both. */
export function isQuotaExceeded(error: unknown, depth = 0): boolean {
  if (typeof error !== 'object' || error === null || depth > 4) return false
  if ('name' in error && error.name === 'QuotaExceededError') return true
  const causes = [
    'inner' in error ? error.inner : undefined,
    'cause' in error ? error.cause : undefined,
    ...('failures' in error && Array.isArray(error.failures) ? error.failures : []),
  ]
  return causes.some((cause) => isQuotaExceeded(cause, depth + 1))
}
