import { shallowRef } from 'vue'

export interface Emoji {
  /** What goes into the text. */
  readonly text: string
  /** As people know it from elsewhere, such as `joy`. */
  readonly name: string
  /** Other words by which it is found. */
  readonly words: readonly string[]
}

/** The names of emoji's groups are texts of ours; in Unicode's order. */
export const EMOJI_GROUPS = [
  'emojiSmileys',
  'emojiPeople',
  'emojiAnimals',
  'emojiFood',
  'emojiTravel',
  'emojiActivities',
  'emojiObjects',
  'emojiSymbols',
  'emojiFlags',
] as const

/** All of them by group; empty until they were needed and have come: they are most of what the picker weighs. */
const groups = shallowRef<readonly (readonly Emoji[])[]>([])
let loading: Promise<void> | undefined

async function load(): Promise<void> {
  const { default: stored } = await import('./emoji.json')
  groups.value = stored.groups.map((group) => group.split('\n').map(parsed))
}

function parsed(line: string): Emoji {
  const [text = '', name = '', ...words] = line.split(' ')
  return { text, name, words }
}

/** The emoji, loaded when somebody first looks at them. */
export function useEmoji() {
  if (!loading)
    loading = load().catch(() => {
      // Whoever looks next tries again.
      loading = undefined
    })
  return groups
}

/** How well something is found by `query` (in lower case): 0 begins like it, 1 holds it, 2 is found by other words. */
export function rank(query: string, name: string, words: readonly string[] = []): number | undefined {
  if (name.startsWith(query)) return 0
  if (name.includes(query)) return 1
  return words.some((word) => word.startsWith(query)) ? 2 : undefined
}
