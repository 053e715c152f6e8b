import { EMOTE_PROVIDERS, type EmoteProvider, type EmoteSet } from '../protocol/emotes'
import { EMOJI_GROUPS, type Emoji } from './emoji'
import { type Choice, emojiChoice, emoteChoice } from './emote-search'
import type { MessageKey } from './text'

/** A part of the picker's grid. */
export interface Section {
  readonly key: string
  readonly title?: MessageKey
  readonly choices: readonly Choice[]
}

/** `ask`: where emotes would be, the question whether to show any. */
export type PickerTab = 'recent' | EmoteProvider | 'ask' | 'emoji'

interface Offer {
  hasRecent: boolean
  allowed: boolean
  sets: readonly EmoteSet[]
  unreachable: readonly EmoteProvider[]
}

export function tabsOf({ hasRecent, allowed, sets, unreachable }: Offer): PickerTab[] {
  // 7TV's are what most channels have most of.
  const providers = EMOTE_PROVIDERS.toReversed().filter(
    (name) => unreachable.includes(name) || sets.some(({ provider }) => provider === name),
  )
  return [...(hasRecent ? ['recent' as const] : []), ...(allowed ? providers : ['ask' as const]), 'emoji']
}

export const providerSections = (sets: readonly EmoteSet[], name: EmoteProvider): Section[] =>
  sets
    .filter(({ provider }) => provider === name)
    .map(({ provider, scope, emotes }) => ({
      key: scope,
      title: scope === 'channel' ? 'emotesChannel' : 'emotesGlobal',
      choices: emotes.map((emote) => emoteChoice({ ...emote, provider, scope })),
    }))

export const emojiSections = (groups: readonly (readonly Emoji[])[]): Section[] =>
  groups.flatMap((group, index) => {
    const title = EMOJI_GROUPS[index]
    return title === undefined ? [] : { key: title, title, choices: group.map(emojiChoice) }
  })
