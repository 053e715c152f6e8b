import { type FunctionalComponent, h } from 'vue'
import { splitLinks } from './links'

/**
 * A message's text with its links. Written without a template because every space in it counts. Text only ever
 * becomes text nodes; nothing is fetched before somebody follows a link.
 */
export const MessageText: FunctionalComponent<{ text: string }> = ({ text }) =>
  splitLinks(text).map((part) =>
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
      : part.text,
  )
MessageText.props = { text: { type: String, required: true } }
