import { randomBytes } from 'node:crypto'
import { databaseFiles, holds, readRecords, writePlainRecord } from '../../scripts/stage/storage.ts'

/** A page that runs functions, as Playwright's and Puppeteer's do. */
interface ExtensionPage {
  evaluate(write: typeof writePlainRecord, text: string): Promise<unknown>
  evaluate(read: typeof readRecords): Promise<string>
  close(): Promise<unknown>
}

interface Keeper {
  readonly profileDir: string
  readonly browser: { openPopup(): Promise<ExtensionPage> }
  close(): Promise<void>
}

/** One for each of the ways in which browsers write strings down; nothing in them repeats, so compression leaves them alone. */
const plain = ['', '探す'].map((end) => randomBytes(12).toString('base64url') + end)

/** Puts records among those of the extension that `exposed` must find. */
export async function plantPlainRecords({ browser }: Keeper): Promise<void> {
  const page = await browser.openPopup()
  for (const text of plain) await page.evaluate(writePlainRecord, text)
  await page.close()
}

/**
 * Closes the viewer's browser and looks for secrets in what the extension stored, both as records and in the files' bytes.
 *
 * @returns those that lie open.
 * @throws where not even the planted records are found.
 */
export async function exposed(viewer: Keeper, secrets: readonly string[]): Promise<string[]> {
  const page = await viewer.browser.openPopup()
  const records = [Buffer.from(await page.evaluate(readRecords))]
  await viewer.close()
  const files = await databaseFiles(viewer.profileDir)
  for (const [what, where] of Object.entries({ records, files })) {
    if (!plain.every((text) => holds(where, text)))
      throw new Error(`the plain texts were not found in the ${what}`)
  }
  return secrets.filter((secret) => holds(records, secret) || holds(files, secret))
}
