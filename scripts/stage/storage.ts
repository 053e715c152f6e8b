import { readdir, readFile } from 'node:fs/promises'
import { join, sep } from 'node:path'
import type { BrowserContext } from 'playwright-core'

/** Where extensions' IndexedDB lies in a profile: Chromium's LevelDB, Firefox's SQLite. */
const places = [/^Default\/IndexedDB\/chrome-extension_/, /^storage\/default\/moz-extension\+\+\+.*\/idb\//]

/**
 * The files of a closed browser's profile in which extensions' databases lie, whole.
 *
 * @throws where there are none: a search in nothing finds nothing.
 */
export async function databaseFiles(profileDir: string): Promise<Buffer[]> {
  const paths = (await readdir(profileDir, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) =>
      places.some((place) => place.test(path.slice(profileDir.length + 1).replaceAll(sep, '/'))),
    )
  if (paths.length === 0) throw new Error(`no database of an extension in ${profileDir}`)
  return Promise.all(paths.map((path) => readFile(path)))
}

/** Whether the bytes hold the text in one of the ways that browsers and JavaScript write one down. */
export function holds(files: readonly Buffer[], text: string): boolean {
  const forms = formsOf(text)
  return files.some((file) => forms.some((form) => file.includes(form)))
}

/** UTF-8, Latin-1 where it can be, UTF-16 both ways, and whatever of it is the same in all Base64 that holds it. */
function formsOf(text: string): Buffer[] {
  const wide = Buffer.from(text, 'utf16le')
  const plain = Buffer.from(text, 'utf8')
  const latin1 = Buffer.from(text, 'latin1')
  const base64 = [0, 1, 2].flatMap((offset) => {
    const shifted = Buffer.concat([Buffer.alloc(offset), plain])
    // The first and the last characters depend on the neighbours.
    const sure = (encoding: 'base64' | 'base64url') => {
      const encoded = shifted.toString(encoding).replace(/=+$/, '')
      return Buffer.from(encoded.slice(offset === 0 ? 0 : offset + 1, Math.floor((shifted.length * 8) / 6)))
    }
    return [sure('base64'), sure('base64url')]
  })
  const isLatin1 = latin1.toString('latin1') === text
  return [plain, ...(isLatin1 ? [latin1] : []), wide, Buffer.from(wide).swap16(), ...base64]
}

/**
 * All records of all databases of the extension page this runs in, keys and bytes included, as a script without any key to
 * them reads them: browsers compress what they write, so a search in the files alone might miss something.
 */
export async function readRecords(): Promise<string> {
  const answer = <T>(request: IDBRequest<T>) =>
    new Promise<T>((done, failed) => {
      request.onsuccess = () => done(request.result)
      request.onerror = () => failed(request.error)
    })
  const found: string[] = []
  const walk = (value: unknown): void => {
    if (typeof value === 'string') found.push(value)
    else if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
      const bytes = value instanceof ArrayBuffer ? value : value.buffer
      for (const encoding of ['utf-8', 'utf-16le']) found.push(new TextDecoder(encoding).decode(bytes))
    } else if (value instanceof Map || value instanceof Set || Array.isArray(value)) {
      for (const item of value) walk(item)
    } else if (typeof value === 'object' && value !== null) {
      for (const entry of Object.entries(value)) walk(entry)
    }
  }
  for (const { name } of await indexedDB.databases()) {
    if (name === undefined) continue
    const database = await answer(indexedDB.open(name))
    for (const storeName of database.objectStoreNames) {
      const store = database.transaction(storeName).objectStore(storeName)
      for (const list of await Promise.all([answer(store.getAllKeys()), answer(store.getAll())])) walk(list)
    }
    database.close()
  }
  return found.join('\n')
}

/**
 * Writes a record into the IndexedDB of the extension page this runs in, as plain as can be: what a search must find.
 * Needs nothing from outside, so that it can be passed to a page.
 */
export function writePlainRecord(text: string): Promise<void> {
  return new Promise((done, failed) => {
    const opening = indexedDB.open('plain', 1)
    opening.onerror = () => failed(opening.error)
    opening.onupgradeneeded = () => opening.result.createObjectStore('records', { autoIncrement: true })
    opening.onsuccess = () => {
      const writing = opening.result.transaction('records', 'readwrite')
      writing.objectStore('records').add({ room: 'twitch:plain', text, said: { by: 'somebody', ms: 1 } })
      writing.onabort = () => failed(writing.error)
      writing.oncomplete = () => {
        opening.result.close()
        done()
      }
    }
  })
}

/**
 * Leaves an extension in Chromium almost no storage. Chromium asks about its quota every 30 s at most, so that this bites
 * only then.
 *
 * @returns lifts the limit; that counts at once.
 */
export async function limitStorage(
  context: BrowserContext,
  extensionId: string,
): Promise<() => Promise<void>> {
  const page = await context.newPage()
  const devtools = await context.newCDPSession(page)
  const origin = `chrome-extension://${extensionId}`
  await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 })
  return async () => {
    await devtools.send('Storage.overrideQuotaForOrigin', { origin })
    await page.close()
  }
}
