/** What a peer is told before the clock starts. */
export interface Stand {
  /** Of the Worker. */
  readonly origin: string
  /** Of the others' rendezvous: a WebSocket. */
  readonly rendezvous: string
  /** Of the account that this peer signs in to. */
  readonly email: string
  codeFor(email: string): Promise<string>
}

/** What a peer reports as it happens. */
export interface Hearing {
  /** So many others were heard by now: each said something, and it arrived. */
  onHeard(others: number): void
  onText(text: string): void
}

/** A peer that is in a room, or on its way into it. */
export interface Joined {
  /** Has everybody hear `text`. */
  say(text: string): void
  leave(): Promise<unknown>
}

/** One way to have N peers hear each other. */
export interface Adapter {
  /** Whatever a viewer did long before, as signing in. Returns how to join, which is measured. */
  prepare(stand: Stand): Promise<(room: string, hearing: Hearing) => Joined | Promise<Joined>>
}

/** Peers that say nothing by themselves greet whomever they get linked with. */
export const HELLO = 'hello'
