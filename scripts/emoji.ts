/**
 * `node scripts/emoji.ts DIR`: writes components/emoji.json from an unpacked emojibase-data package (MIT), about once a
 * year, when Unicode has new ones. The package itself holds every language and is no dependency for that.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './stage/paths.ts'

/** Other words by which one is found. */
const MAX_TAGS = 2
/** In so many of them that it finds none. */
const EMPTY_TAGS = new Set(['face', 'eye', 'mouth', 'person', 'flag'])
/** Skin tones and hair by themselves. */
const COMPONENTS = 2

interface Entry {
  group?: number
  hexcode: string
  order: number
  tags?: string[]
  unicode: string
}
type Shortcodes = Record<string, string | string[] | undefined>

const [dir] = process.argv.slice(2)
if (dir === undefined) throw new Error('where is emojibase-data?')
const read = (path: string) => JSON.parse(readFileSync(join(dir, path), 'utf8'))
const entries: Entry[] = read('en/compact.json')
const github: Shortcodes = read('en/shortcodes/github.json')
const emojibase: Shortcodes = read('en/shortcodes/emojibase.json')
const { version } = read('package.json')

/** The name that people know from elsewhere, then others, then words that are in none of these. */
function wordsOf({ hexcode, tags = [] }: Entry): string[] {
  const [name = hexcode, ...others] = [github[hexcode] ?? emojibase[hexcode] ?? []].flat()
  const known = new Set([...EMPTY_TAGS, ...name.split('_')])
  return [name, ...[...new Set([...others, ...tags])].filter((word) => !known.has(word)).slice(0, MAX_TAGS)]
}

/** As Unicode recommends it: with a variation selector only where it is text without (UTS #51, ED-27). */
function recommended(text: string): string {
  const plain = text.replaceAll('\ufe0f', '')
  return /^\p{RGI_Emoji}$/v.test(plain) ? plain : text
}

const groups: Record<string, string[]> = {}
for (const entry of entries.sort((a, b) => a.order - b.order)) {
  if (entry.group === undefined || entry.group === COMPONENTS) continue
  const group = groups[entry.group] ?? []
  groups[entry.group] = group
  group.push(
    [recommended(entry.unicode), ...wordsOf(entry).map((word) => word.replaceAll(' ', '_'))].join(' '),
  )
}
const json = {
  source: `emojibase-data ${version}, MIT, Copyright (c) Miles Johnson`,
  groups: Object.values(groups).map((group) => group.join('\n')),
}
writeFileSync(join(root, 'components/emoji.json'), `${JSON.stringify(json, null, 2)}\n`)
