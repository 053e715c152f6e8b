import type { Attention } from '../protocol/attention'
import type { AccountId } from '../protocol/device'
import type { PersonView, Standing } from '../protocol/people'
import type { HostConnection } from './host'

/** What the viewer can do about others, and about being here. Nothing here rejects. */
export function createPeopleActions(host: () => HostConnection | null) {
  /** Mutes or blocks somebody on this browser, or undoes it (`null`). Resolves with whether it is kept. */
  async function choose(
    { accountId, name }: { accountId: AccountId; name: string },
    standing: Standing | null,
  ): Promise<boolean> {
    try {
      return (await host()?.choose(accountId, name, standing)) ?? false
    } catch {
      return false
    }
  }

  /** What there is to tell of somebody; `null` where nobody knows. */
  async function person(accountId: AccountId): Promise<PersonView | null> {
    try {
      return (await host()?.person(accountId)) ?? null
    } catch {
      return null
    }
  }

  /** Says that the viewer is away, or back. Resolves with whether the room could be told. */
  async function setAway(away: boolean): Promise<boolean> {
    const to = host()
    if (!to) return false
    return to.setAway(away).then(
      () => true,
      () => false,
    )
  }

  /** Tells the host what may call the viewer; to be told again to each new host. `title`: see the host. */
  function attend(attention: Attention, title: string): void {
    host()
      ?.attend(attention, title)
      .catch(() => undefined)
  }

  return { choose, person, setAway, attend }
}
