/** A piece of a message: text, or a link that may be followed. */
type TextPart = { text: string } | { text: string; href: string }

/** No white space and nothing that turns or hides text; what follows the scheme is for the URL parser. */
const CANDIDATE = /\bhttps?:\/\/[^\s<>"\p{Cc}\p{Cf}]+/giu

/** Splits a message into text and links. Only http and https become links; whatever is unclear stays text. */
export function splitLinks(text: string): TextPart[] {
  const parts: TextPart[] = []
  let end = 0
  for (const match of text.matchAll(CANDIDATE)) {
    const typed = withoutTrailing(match[0])
    const link = safeLink(typed)
    if (!link) continue
    if (match.index > end) parts.push({ text: text.slice(end, match.index) })
    parts.push(link)
    end = match.index + typed.length
  }
  if (end < text.length) parts.push({ text: text.slice(end) })
  return parts
}

/**
 * Shown as typed where that names the host as it is. Letters that imitate others, or hide behind escapes, do not:
 * then the parsed form is shown, with its punycode. A user part only pretends to be a host: no link.
 */
function safeLink(typed: string): TextPart | null {
  if (!URL.canParse(typed)) return null
  const url = new URL(typed)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null
  if (url.username !== '' || url.password !== '') return null
  return { text: typed.toLowerCase().startsWith(url.origin) ? typed : url.href, href: url.href }
}

/** A sentence's end is not part of its link; a closing bracket is, where the link opened one. */
function withoutTrailing(typed: string): string {
  let link = typed
  for (;;) {
    const last = link.at(-1)
    if (last === undefined) return link
    const opener = { ')': '(', ']': '[' }[last]
    const drop =
      opener === undefined ? /[.,;:!?'’»”…*_]/u.test(last) : count(link, opener) < count(link, last)
    if (!drop) return link
    link = link.slice(0, -1)
  }
}

const count = (text: string, character: string) => text.split(character).length - 1
