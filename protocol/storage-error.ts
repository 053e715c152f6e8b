/** Why the browser's storage failed. `full`: no room left even after old messages were let go. */
export type StorageProblem = 'full' | 'unavailable'

export class StorageError extends Error {
  override readonly name = 'StorageError'
  readonly problem: StorageProblem

  constructor(problem: StorageProblem, cause?: unknown) {
    super(problem, { cause })
    this.problem = problem
  }
}
