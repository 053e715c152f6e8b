import { createTrait } from './traits'

/** Whose picture is which, by account: the hash of each. */
export function createAvatars() {
  const { all: avatars, ...learning } = createTrait(({ avatar }) => avatar)
  return { avatars, ...learning }
}
