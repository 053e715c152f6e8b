import type { InjectionKey } from 'vue'
import type { AccountId } from '../protocol/device'
import type { PersonView } from '../protocol/people'
import type { MessageKey } from './text'

/** Whose card it is, as far as whoever opens it knows them. */
export interface CardSubject {
  readonly accountId: AccountId
  readonly name: string
}

/** Opens somebody's card beside `anchor`, which gets the focus back; provided by the panel. */
export type OpenPersonCard = (who: CardSubject, anchor: HTMLElement) => void
export const openPersonCardKey: InjectionKey<OpenPersonCard> = Symbol('open person card')

/** Something more that can be done with somebody, such as talking in a party or moderating. */
export interface PersonAction {
  readonly id: string
  readonly label: MessageKey
  /** Whether it is offered for `person`. */
  isFor(person: PersonView): boolean
  run(person: PersonView): void
}

/** Where cards find more actions than their own; provided by whoever puts them into a page. */
export const personActionsKey: InjectionKey<() => readonly PersonAction[]> = Symbol('person actions')
