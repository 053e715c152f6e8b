import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { inject } from 'vitest'
import { z } from 'zod'

const manifestSchema = z.looseObject({
  permissions: z.array(z.string()),
  optional_permissions: z.array(z.string()),
})
const messagesSchema = z.record(z.string(), z.looseObject({ message: z.string() }))

/**
 * Chromium's build with what no test can answer: notifications are permitted from the start. And it has texts of its own for the
 * one language that every Chromium comes with, American English: marked ones, from right to left.
 */
export async function alteredBuild(): Promise<string> {
  const from = inject('chromeDir')
  const dir = join(inject('runDir'), 'extension-altered', basename(from))
  await cp(from, dir, { recursive: true })
  const manifestPath = join(dir, 'manifest.json')
  const manifest = manifestSchema.parse(JSON.parse(await readFile(manifestPath, 'utf8')))
  await writeFile(
    manifestPath,
    JSON.stringify({
      ...manifest,
      permissions: [...manifest.permissions, 'notifications'],
      optional_permissions: manifest.optional_permissions.filter((one) => one !== 'notifications'),
    }),
  )
  const english = messagesSchema.parse(
    JSON.parse(await readFile(join(dir, '_locales/en/messages.json'), 'utf8')),
  )
  const marked = Object.entries(english).map(([key, entry]) => [
    key,
    { ...entry, message: `‹${entry.message}›` },
  ])
  await mkdir(join(dir, '_locales/en_US'), { recursive: true })
  await writeFile(
    join(dir, '_locales/en_US/messages.json'),
    JSON.stringify({
      ...Object.fromEntries(marked),
      localeTag: { message: 'en-US' },
      localeDirection: { message: 'rtl' },
    }),
  )
  return dir
}
