import { createHash } from 'node:crypto'

/** A user as Twitch knows one. */
export interface TwitchUser {
  /** Numeric; stays with this user for ever. */
  readonly id: string
  /** May be changed, and is then somebody else's to take. */
  login: string
  displayName: string
  broadcasterType: '' | 'affiliate' | 'partner'
  /** Ids of the channels that this user moderates. */
  moderates: string[]
  /** What goes wrong for this user, by endpoint. */
  faults: Map<string, string>
}

/** Everybody on a Twitch of this machine: whoever is asked for by login is there from then on. */
export class TwitchUsers {
  readonly #byId = new Map<string, TwitchUser>()

  byId(id: string): TwitchUser | undefined {
    return this.#byId.get(id)
  }

  /** Whoever has `login` now, if anybody. */
  find(login: string): TwitchUser | undefined {
    return [...this.#byId.values()].find((user) => user.login === login)
  }

  get(login: string): TwitchUser {
    return this.find(login) ?? this.add(login)
  }

  add(login: string): TwitchUser {
    const user: TwitchUser = {
      id: this.#freeId(login),
      login,
      // Twitch lets people write it in other letters, capitals at least.
      displayName: login.toUpperCase(),
      broadcasterType: '',
      moderates: [],
      faults: new Map(),
    }
    this.#byId.set(user.id, user)
    return user
  }

  /** The same at each start, so that a Worker that kept one meets the same user again; but nobody's who is there. */
  #freeId(login: string): string {
    for (let turn = 0; ; turn++) {
      const hash = createHash('sha256').update(`${login} ${turn}`).digest()
      const id = String(100_000_000 + (hash.readUInt32BE() % 900_000_000))
      if (!this.#byId.has(id)) return id
    }
  }
}
