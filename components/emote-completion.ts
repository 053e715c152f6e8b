import type { FoundEmote } from '../stores/emotes'
import CompletedEmote from './CompletedEmote.vue'
import type { Completion, CompletionSource } from './completion'
import { type Emoji, useEmoji } from './emoji'
import { type Choice, nameOf, search } from './emote-search'
import { PROVIDER_NAMES } from './emotes'

const NO_EMOJI: readonly (readonly Emoji[])[] = []

/**
 * Completes emotes and emoji behind a colon, and emotes by Tab. Codes are case-sensitive, but nobody types them so: what
 * begins as typed comes first.
 */
export const emoteCompletion = (emotes: () => ReadonlyMap<string, FoundEmote>): CompletionSource => ({
  name: 'emotes',
  trigger: ':',
  minLength: 2,
  onTab: true,
  label: 'suggestedEmotes',
  picture: CompletedEmote,
  complete(query, limit, byTab = false) {
    // `:joy:` as others write it is `:joy`.
    const wanted = query.replace(/(?<=.):$/, '')
    if (!byTab) return search(wanted, emotes().values(), useEmoji().value, limit).map(completionOf)
    const begun = wanted.toLowerCase()
    const found = [...emotes().values()].filter(({ code }) => code.toLowerCase().startsWith(begun))
    const choices = search(wanted, found, NO_EMOJI, found.length)
    // A stable sort: those in the very letters first.
    return choices
      .toSorted((a, b) => Number(b.text.startsWith(wanted)) - Number(a.text.startsWith(wanted)))
      .slice(0, limit)
      .map(completionOf)
  },
})

const completionOf = (choice: Choice): Completion => ({
  id: `${'emote' in choice ? choice.emote.provider : 'emoji'}-${choice.text}`,
  text: choice.text,
  label: nameOf(choice),
  ...('emote' in choice && { detail: PROVIDER_NAMES[choice.emote.provider] }),
})
