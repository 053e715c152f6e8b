import { join, resolve } from 'node:path'

/** The repository's root. */
export const root = resolve(import.meta.dirname, '../..')

/** Everything a run leaves behind for a person to look at; git-ignored. */
export const sidestreamDir = join(root, '.sidestream')
