import { type FunctionalComponent, h, inject, type VNodeChild } from 'vue'
import { splitLinks } from './links'
import { dressText, type WordDress, wordDressesKey } from './word-dress'

/** A message's text as nodes: links, words that `dresses` know, and text, which only ever becomes text nodes. */
export function textNodes(text: string, dresses: readonly WordDress[] = []): VNodeChild[] {
  const parts = splitLinks(text)
  return parts.flatMap((part) =>
    'href' in part
      ? h(
          'a',
          {
            href: part.href,
            title: part.href,
            dir: 'ltr',
            target: '_blank',
            rel: 'noopener noreferrer nofollow',
          },
          part.text,
        )
      : dressText(part.text, dresses, parts.length === 1),
  )
}

/**
 * A message's text with its links, and whatever the page's dresses make of its words. Written without a template because
 * every space in it counts. Nothing is fetched before somebody follows a link.
 */
export const MessageText: FunctionalComponent<{ text: string }> = ({ text }) =>
  textNodes(text, inject(wordDressesKey, undefined)?.value)
MessageText.props = { text: { type: String, required: true } }
