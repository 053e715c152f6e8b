import type { MemberView, MessageView, RoomView } from '../protocol/host-port'
import { createAvatars } from './avatars'
import { createTrait } from './traits'

/** Who looks how, is called what and is what in the channel: of everybody seen in a room. */
export function createPeople() {
  const faces = createAvatars()
  const roles = createTrait(({ role }) => role)
  const names = createTrait(({ name }) => name)

  return {
    avatars: faces.avatars,
    roles: roles.all,
    names: names.all,
    /** Whoever is here knows better than what they said. */
    here(members: readonly MemberView[], me: RoomView['me']): void {
      faces.people(me ? [...members, me] : members)
      roles.people(members)
      names.people(members)
    },
    said(messages: readonly MessageView[]): void {
      faces.messages(messages)
      roles.messages(messages)
    },
    /** By what was said just now: in what is old, people may be called otherwise. */
    named: names.messages,
    clear(): void {
      for (const traits of [faces, roles, names]) traits.clear()
    },
  }
}
