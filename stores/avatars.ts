import { shallowRef } from 'vue'
import type { MemberView, MessageView } from '../protocol/host-port'

/** Remembered at once; of more, whoever was learnt first is forgotten. */
const MAX_AVATARS = 2_000

type Avatars = ReadonlyMap<string, string>

/** Whose picture is which, of everybody seen in a room: those who left, too. The latest word counts. */
export function createAvatars() {
  const avatars = shallowRef<Avatars>(new Map())

  function learn(words: readonly (readonly [account: string, avatar: string | undefined])[]): void {
    const isNews = words.some(([account, avatar]) => avatars.value.get(account) !== avatar)
    if (!isNews) return
    const next = new Map(avatars.value)
    for (const [account, avatar] of words) {
      if (avatar === undefined) next.delete(account)
      else next.set(account, avatar)
    }
    for (const account of next.keys()) {
      if (next.size <= MAX_AVATARS) break
      next.delete(account)
    }
    avatars.value = next
  }

  return {
    avatars,
    /** People as they are now: one without a picture has none. */
    people: (people: readonly Pick<MemberView, 'accountId' | 'avatar'>[]) =>
      learn(people.map(({ accountId, avatar }) => [accountId, avatar])),
    /** A message without one may be from before a passport was seen: it takes away nothing. */
    messages: (messages: readonly MessageView[]) =>
      learn(messages.flatMap(({ accountId, avatar }) => (avatar ? [[accountId, avatar] as const] : []))),
    clear: () => {
      avatars.value = new Map()
    },
  }
}
