import type { AccountId } from '../protocol/device'
import CompletedPerson from './CompletedPerson.vue'
import type { CompletionSource } from './completion'
import { foldName } from './fold-name'

/** Somebody who can be mentioned. */
export interface Mentionable {
  readonly accountId: AccountId
  readonly name: string
  /** Quietly beside the name. */
  readonly detail?: string
}

/** Completes `@names`. `people`: who spoke last first. Names that begin as typed come before those that hold it. */
export const peopleCompletion = (people: () => readonly Mentionable[]): CompletionSource => ({
  name: 'people',
  trigger: '@',
  minLength: 0,
  onTab: true,
  label: 'suggestedPeople',
  picture: CompletedPerson,
  complete(query, limit, byTab = false) {
    const wanted = foldName(query)
    const named = people().map((person) => ({ person, name: foldName(person.name) }))
    const begun = named.filter(({ name }) => name.startsWith(wanted))
    const within = named.filter(({ name }) => !byTab && !name.startsWith(wanted) && name.includes(wanted))
    return [...begun, ...within].slice(0, limit).map(({ person }) => ({
      id: person.accountId,
      text: `@${person.name}`,
      label: person.name,
      ...(person.detail !== undefined && { detail: person.detail }),
    }))
  },
})
