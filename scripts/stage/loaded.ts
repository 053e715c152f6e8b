import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

/** Quoted paths of scripts, styles and modules: in HTML attributes, imports (static and dynamic) and `new URL(…)`. */
const references = /["'`]([^"'`\s()]+\.(?:js|mjs|css|wasm))["'`]/g
/** Those of HTML attributes, and of `import "…"` and `… from "…"`: what must be there before anything runs. */
const firstReferences = /(?:\b(?:src|href)=|\bfrom\s*|\bimport\s*)["'`]([^"'`\s()]+\.(?:js|mjs|css))["'`]/g

/**
 * Every file of a build that an entry loads, itself first. Goes by the paths that are written in the files and exist in the
 * build, so it may count one file too many (a content script that the background registers), never one too few.
 *
 * @param dir the build; @param entry a path in it.
 */
export const loadedBy = (dir: string, entry: string): string[] => follow(dir, entry, references)

/** Those of them that are loaded when the entry opens: not what `import(…)` brings later. */
export const loadedFirstBy = (dir: string, entry: string): string[] => follow(dir, entry, firstReferences)

function follow(dir: string, entry: string, wanted: RegExp): string[] {
  const found = new Set([entry])
  for (const file of found) {
    if (!/\.(html|m?js)$/.test(file)) continue
    for (const [, path = ''] of readFileSync(join(dir, file), 'utf8').matchAll(wanted)) {
      // A leading slash means the extension's root; Vite's list of preloads leaves it out.
      const places = path.startsWith('.')
        ? [join(dirname(file), path)]
        : [path.replace(/^\//, ''), join(dirname(file), path)]
      const target = places.map((place) => normalize(place)).find((place) => existsSync(join(dir, place)))
      if (target) found.add(target)
    }
  }
  return [...found]
}
