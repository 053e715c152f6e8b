import { lookOf } from './fold'

const words = (list: string): string[] => list.trim().split(/\s+/)
const looks = (list: string): ReadonlySet<string> => new Set(words(list).map(lookOf))

/** Names that would pass for somebody who speaks for the site, the project or the software, or for nobody. */
const RESERVED = looks(`
  admin admins administrator all anonymous automod bot broadcaster channel deleted error everybody everyone fossabot
  help helpdesk here host info me message mod moderation moderator moderators mods moobot nightbot nobody notice null
  official operator owner party partner room root security server service staff streamelements streamer streamlabs
  support sysadmin system undefined unknown user warning webmaster wizebot you
`)

/** Words that make a reserved name no other: `The_Support_Team`. */
const FILLERS = looks('account chat desk my our real team the this your')

/** Nobody may carry these even in part. */
const RESERVED_PARTS = [...looks('sidestream twitch moderator administrator')]

/** What rooms and parties say of people: `Ann_joined` would read as if the room said it. */
const SYSTEM_VERBS = looks(`
  arrived away banned closed connected created deleted disconnected ended here invited joined kicked left muted offline
  online opened removed renamed returned started typing unbanned unmuted writing
`)

/** Digits that stand for letters; `0` and `1` are letters already, by their looks. */
const LEET: Readonly<Record<string, string>> = { 3: 'e', 4: 'a', 5: 's', 7: 't', 8: 'b', 9: 'g' }

/** The look of a word, with marks left out and digits read as letters. */
const wordOf = (text: string): string =>
  lookOf(text)
    .replace(/\p{M}/gu, '')
    .replace(/\d/g, (digit) => LEET[digit] ?? digit)

/** The ways to read a name as one word: without digits, without those around it, with all. */
function readings(name: string): string[] {
  const letters = name.normalize('NFKC').replace(/[_.-]+/g, '')
  const spelt = [letters.replace(/\p{N}+/gu, ''), letters.replace(/^\p{N}+|\p{N}+$/gu, ''), letters]
  return spelt.map(wordOf)
}

/** Separators part words, and so do digits and capitals. */
const WORD_ENDS = /[_.\p{N}-]+|(?<=\p{Ll})(?=\p{Lu})/u

const partsOf = (name: string, ends: RegExp): string[] => name.split(ends).filter(Boolean).map(wordOf)

/** Whether nobody may take `name`, whatever its case, digits, separators, and letters that look like others. */
export function isReservedName(name: string): boolean {
  const isReserved = (word: string) =>
    word === '' || RESERVED.has(word) || RESERVED_PARTS.some((part) => word.includes(part))
  if (readings(name).some(isReserved)) return true
  const parts = partsOf(name, WORD_ENDS)
  if (
    parts.some((word) => RESERVED.has(word)) &&
    parts.every((word) => RESERVED.has(word) || FILLERS.has(word))
  )
    return true
  const said = partsOf(name, /[_.-]+/)
  return said.length > 1 && SYSTEM_VERBS.has(said.at(-1) ?? '')
}
