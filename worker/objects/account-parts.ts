/**
 * A part of an account that lives in a file of its own: its picture, its Twitch link, its name. `Account` lists them in one
 * place, by the key under which they appear in the export.
 */
export interface AccountPart {
  /** All that this part keeps, for the account's owner, as JSON can say it; no secrets. `null`: nothing. */
  export(): Promise<object | null>
  /**
   * Removes everything of this part, here and elsewhere, for good. Idempotent: after a crash it is called again. Rejects
   * while something that is needed cannot be reached, to be called again later.
   */
  erase(): Promise<void>
}

export type AccountParts = Readonly<Record<string, AccountPart>>
