import { shallowRef } from 'vue'
import type { MemberView, MessageView } from '../protocol/host-port'

/** Remembered at once; of more, whoever was learnt first is forgotten. */
const MAX_PEOPLE = 2_000

type Bearer = Pick<MemberView & MessageView, 'accountId' | 'name' | 'avatar' | 'role'>

/** Something of everybody seen in a room, by account: of those who left, too. The latest word counts. */
export function createTrait<Value>(of: (bearer: Partial<Bearer>) => Value | undefined) {
  const all = shallowRef<ReadonlyMap<string, Value>>(new Map())

  function learn(words: readonly (readonly [account: string, value: Value | undefined])[]): void {
    const isNews = words.some(([account, value]) => all.value.get(account) !== value)
    if (!isNews) return
    const next = new Map(all.value)
    for (const [account, value] of words) {
      if (value === undefined) next.delete(account)
      else next.set(account, value)
    }
    for (const account of next.keys()) {
      if (next.size <= MAX_PEOPLE) break
      next.delete(account)
    }
    all.value = next
  }

  return {
    all,
    /** People as they are now: one without it has none. */
    people: (people: readonly Pick<Bearer, 'accountId'>[]) =>
      learn(people.map((person) => [person.accountId, of(person)])),
    /** A message without it may be from before it was known: it takes away nothing. */
    messages: (messages: readonly Pick<Bearer, 'accountId'>[]) =>
      learn(
        messages.flatMap((message) => {
          const value = of(message)
          return value === undefined ? [] : [[message.accountId, value] as const]
        }),
      ),
    clear: () => {
      all.value = new Map()
    },
  }
}
